// Build and sign a profile with the npm package mobileconfig, a number of times; prints seconds for each.
// Usage: node fleet_npm.js FOLDER COUNT, where FOLDER has profile.json, key.pem and chain.pem.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const mobileconfig = require("mobileconfig");

const [folder, count] = [process.argv[2], Number(process.argv[3])];
const read = (name) => fs.readFileSync(path.join(folder, name), "utf8");
const profile = JSON.parse(read("profile.json"));
const keys = { key: read("key.pem"), cert: read("chain.pem"), signingTime: true };

function sign(number) {
  profile.PayloadContent[0].EmailAddress = `person${number}@northwindtraders.example`;
  return new Promise((resolve, reject) =>
    mobileconfig.getSignedConfig(profile, keys, (error, der) => (error ? reject(error) : resolve(der))),
  );
}

(async () => {
  for (let number = 0; number < 20; number++) await sign(number);
  const begun = process.hrtime.bigint();
  for (let number = 0; number < count; number++) await sign(number);
  console.log(Number(process.hrtime.bigint() - begun) / 1e9 / count);
})();
