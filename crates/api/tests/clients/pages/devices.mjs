// Devices without a browser, let in by a code.

import assert from "node:assert/strict";

import * as oidc from "openid-client";

import { createPool, look, says, send, signIn, text, user, verified, visitor } from "../browsing.mjs";

{
  const allowing = await createPool({ ...verified, UserPoolTags: { "cognate:device_grant": "on" } });
  await user(allowing, "eve");
  const begun = await oidc.initiateDeviceAuthorization(allowing.config, { scope: "openid email" });
  const signedIn = oidc.pollDeviceAuthorizationGrant(allowing.config, begun);
  const page = await visitor();
  await page.goto(begun.verification_uri);
  await look(page, "device");
  await send(page, { "#user_code": "BBBB-BBBB" });
  await says(page, /That code is not right/);
  await look(page, "device-wrong");
  await send(page, { "#user_code": begun.user_code });
  await signIn(page, "eve");
  assert.ok((await text(page)).includes(begun.user_code), await text(page));
  await look(page, "device-allow");
  await send(page, {});
  await says(page, /Your device is connected/);
  await look(page, "device-allowed");
  const tokens = await signedIn;
  assert.deepEqual([tokens.claims()["cognito:username"], tokens.scope], ["eve", "openid email"]);

  const other = await oidc.initiateDeviceAuthorization(allowing.config, {});
  const refused = assert.rejects(oidc.pollDeviceAuthorizationGrant(allowing.config, other), { error: "access_denied" });
  await page.goto(other.verification_uri_complete);
  await send(page, {});
  await send(page, {}, ".ways form button");
  await says(page, /was not connected/);
  await look(page, "device-refused");
  await refused;
}
console.log("  a device is signed in by who enters its code");
