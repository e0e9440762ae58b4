"""What is kept of many files says the same as before, and once where it is the same."""

from __future__ import annotations

from dataclasses import replace

from profilegen.audit.model import Flow, PayloadControl
from profilegen.catalogue.terms import Basis, Direction, State
from profilegen.inspection.keeping import Keeper, SharedFlows
from profilegen.inspection.model import Inspected
from tests.unit.report.inspections import finding, inspected


def flow(account: str, channel: str = "paste", *values: object) -> Flow:
    controls = tuple(PayloadControl("p", "k", value) for value in values)  # type: ignore[arg-type]  # any tree
    return Flow(account, channel, Direction.OUT, State.OPEN, Basis.DEVICE, controls, "")


def file(name: str, *flows: Flow) -> Inspected:
    return replace(inspected(name, finding("A"), lines={"A": 3}), flows=flows)


def test_files_say_what_they_said() -> None:
    keeper = Keeper()
    files = [
        file("a", flow("a.staff"), flow("a.press"), flow("a.staff", "airdrop", [1], {"x": [2]})),
        file("b", flow("b.staff"), flow("b.press"), flow("b.staff", "airdrop", [1], {"x": [2]})),
        file("c", flow("*"), flow("c.press")),
        file("d", flow("d", "paste", True)),  # noqa: FBT003  (a value of a file)
        file("e", flow("e", "paste", 1)),
        file("f"),
    ]
    for one in files:
        kept = keeper.kept(one)
        assert replace(kept, flows=tuple(kept.flows)) == one
        assert list(kept.flows[1:]) == list(one.flows[1:])
        assert len(kept.flows) == len(one.flows)


def test_what_is_the_same_is_kept_once() -> None:
    keeper = Keeper()
    one, two = (keeper.kept(file(name, flow(name), flow(f"{name}.b"))) for name in "ab")
    assert one.findings is two.findings
    assert one.lines is two.lines
    assert isinstance(one.flows, SharedFlows)
    assert isinstance(two.flows, SharedFlows)
    assert one.flows.shape is two.flows.shape


def test_accounts_in_other_places_are_another_shape() -> None:
    keeper = Keeper()
    shapes = [
        keeper.kept(file("a", *flows)).flows
        for flows in ((flow("a"), flow("b")), (flow("a"), flow("a")), (flow("*"), flow("b")))
    ]
    assert len({id(flows.shape) for flows in shapes if isinstance(flows, SharedFlows)}) == 3
