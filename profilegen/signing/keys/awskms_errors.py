"""What AWS KMS and boto3 report, in words, and which of it may pass by itself.

The names are those of the AWS KMS API Reference: Sign, GetPublicKey, Common Error Types.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from profilegen.errors import ProfilegenError, ServiceError, SigningError

_LATER = "Try again later; nothing was written."
_CREDENTIALS = (
    "Renew the credentials of this environment or profile: `aws sts get-caller-identity`."
)
_POLICY = "Its key policy or IAM has to allow kms:GetPublicKey and kms:Sign to this identity."
_STATE = "Enable the key, or name another one."

_REFUSED: dict[str, tuple[str, str]] = {
    "AccessDeniedException": ("these credentials may not use the key", _POLICY),
    "AccessDenied": ("these credentials may not use the key", _POLICY),
    "NotFoundException": ("there is no such key", "Check account, region and name of the ARN."),
    "DisabledException": ("the key is disabled", _STATE),
    "KMSInvalidStateException": (
        "the state of the key allows no signature, as when it is to be deleted",
        _STATE,
    ),
    "InvalidArnException": ("the service does not take the ARN", "Check the ARN."),
    "InvalidKeyUsageException": (
        "the key is not for such signatures",
        "Use a key whose usage is SIGN_VERIFY.",
    ),
    "UnsupportedOperationException": (
        "the key cannot sign",
        "Use an asymmetric key whose usage is SIGN_VERIFY.",
    ),
    "ExpiredTokenException": ("the credentials have expired", _CREDENTIALS),
    "ExpiredToken": ("the credentials have expired", _CREDENTIALS),
    "UnrecognizedClientException": ("the credentials are not valid", _CREDENTIALS),
    "InvalidClientTokenId": ("the credentials are not valid", _CREDENTIALS),
    "MissingAuthenticationTokenException": ("there are no credentials", _CREDENTIALS),
    "IncompleteSignature": ("the credentials are not valid", _CREDENTIALS),
    "InvalidSignatureException": (
        "the credentials are not valid, or the clock is wrong",
        "Check the secret key and the clock of this machine.",
    ),
    "OptInRequired": ("the account has not enabled this region", "Enable it, or use another one."),
}
_PASSING: dict[str, str] = {
    "ThrottlingException": "too many requests",
    "Throttling": "too many requests",
    "TooManyRequestsException": "too many requests",
    "LimitExceededException": "too many requests",
    "RequestLimitExceeded": "too many requests",
    "DependencyTimeoutException": "the service timed out inside",
    "KeyUnavailableException": "the key is not available at the moment",
    "KMSInternalException": "the service failed inside",
    "InternalFailure": "the service failed inside",
    "ServiceUnavailable": "the service is not available",
    "RequestTimeoutException": "the request took too long to arrive",
}
_SERVER_FAULT = 500
_TOO_MANY = 429


@contextmanager
def kms_errors(where: str) -> Iterator[None]:
    """Turn what boto3 raises inside the block into a SigningError or a ServiceError.

    `where` says which key. ServiceError is what may pass by itself: throttling, time-outs, lost
    connections and failures of the service; boto3 has tried again before.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - an extra

    try:
        yield
    except ClientError as error:
        raise _refusal(error.response, where) from error
    except ResponseParserError as error:
        raise no_answer(where) from error
    except (BotoCoreError, ValueError) as error:
        raise _failure(error, where) from error


def no_answer(where: str) -> ServiceError:
    """Return the error for an answer that lacks what belongs in it: boto3 lets it pass."""
    message = f"{where}: the answer of the service was cut off or is not one of KMS"
    return ServiceError(message, hint="Try again; check the endpoint and what stands before it.")


def _refusal(response: dict[str, dict[str, object]], where: str) -> ProfilegenError:
    """Return the error for an answer of the service; its text is left out, since it may be long."""
    code = str(response.get("Error", {}).get("Code", ""))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    number = status if isinstance(status, int) else 0
    if code in _REFUSED:
        what, hint = _REFUSED[code]
        return SigningError(f"{where}: {what} ({code})", hint=hint)
    if code in _PASSING:
        return ServiceError(f"{where}: {_PASSING[code]} ({code})", hint=_LATER)
    if number >= _SERVER_FAULT or number == _TOO_MANY:
        what = "the service failed" if number >= _SERVER_FAULT else "too many requests"
        return ServiceError(f"{where}: {what} (HTTP {number})", hint=_LATER)
    named = code if code.isalnum() else f"HTTP {number}"
    return SigningError(f"{where}: the service refused the request ({named})", hint=_POLICY)


def _failure(error: Exception, where: str) -> ProfilegenError:
    """Return the error for what went wrong before an answer of the service was there."""
    from botocore import exceptions as boto  # noqa: PLC0415 - an extra

    name = type(error).__name__
    match error:
        case boto.ProxyConnectionError():
            what, hint = "the proxy cannot be reached", "Check HTTPS_PROXY."
        case boto.ConnectTimeoutError() | boto.ReadTimeoutError():
            what, hint = "the service did not answer in time", _LATER
        case boto.SSLError():
            what = "the TLS connection failed"
            hint = "Check AWS_CA_BUNDLE and what stands between this machine and the service."
        case boto.HTTPClientError() | boto.ConnectionError():
            what, hint = "no connection to the service", "Check the network and the endpoint."
        case _:
            return _local_failure(error, where)
    return ServiceError(f"{where}: {what} ({name})", hint=hint)


def _local_failure(error: Exception, where: str) -> ProfilegenError:
    """Return the error for what is wrong on this machine: mostly with the credentials."""
    from botocore import exceptions as boto  # noqa: PLC0415 - an extra

    name = type(error).__name__
    match error:
        case boto.NoCredentialsError() | boto.PartialCredentialsError():
            what = "there are no AWS credentials, or only a part of them"
            hint = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a role."
        case boto.ProfileNotFound() | boto.ConfigNotFound() | boto.ConfigParseError():
            what = "the AWS profile or its file cannot be read"
            hint = "Check AWS_PROFILE and the files in ~/.aws."
        case (
            boto.CredentialRetrievalError()
            | boto.MetadataRetrievalError()
            | boto.TokenRetrievalError()
            | boto.UnauthorizedSSOTokenError()
            | boto.SSOTokenLoadError()
        ):
            what = "the AWS credentials cannot be fetched"
            hint = "Renew them: `aws sso login`, or check the role of this machine."
        case _:
            what = "boto3 cannot make the request"
            hint = "Check the AWS settings of this environment, such as AWS_ENDPOINT_URL_KMS."
    return SigningError(f"{where}: {what} ({name})", hint=hint)
