// Devices that are remembered: amazon-cognito-identity-js and Amplify confirm theirs by themselves, prove them at the next
// sign-in, and are spared the code of the authenticator app for it; run.sh calls this.
//
//   devices.mjs URL    URL of a server in development mode

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";
import { Amplify } from "aws-amplify";
import { fetchAuthSession, fetchDevices, forgetDevice, rememberDevice, signIn, signOut } from "aws-amplify/auth";
import { ConsoleLogger } from "aws-amplify/utils";

import { client as developmentClient } from "./development.mjs";
import { totp } from "./totp.mjs";

// It warns of an endpoint that is not AWS's.
ConsoleLogger.LOG_LEVEL = "ERROR";

// Amplify names a device after its browser, which Node has none of before version 21.
globalThis.navigator ??= { userAgent: `Node.js/${process.versions.node}` };

const url = process.argv[2].replace(/\/$/, "");
const password = "Analytical-1843";
const idp = developmentClient(url);

/** One of the library's calls that end in callbacks, or in one. */
const done = (call) => new Promise((resolve, reject) => call((error, result) => (error ? reject(error) : resolve(result))));
const called = (call) => new Promise((onSuccess, onFailure) => call({ onSuccess, onFailure }));

/** A storage, as browsers have one: it holds the device's key and password. */
class Storage {
  items = new Map();
  setItem = (key, value) => void this.items.set(key, value);
  getItem = (key) => this.items.get(key) ?? null;
  removeItem = (key) => this.items.delete(key);
  clear = () => this.items.clear();
}

/** Signs in with amazon-cognito-identity-js; says how often a code was asked for. */
function authenticate(user, secret, steps) {
  let asked = 0;
  return new Promise((resolve, reject) => {
    const callbacks = {
      onSuccess: (session) => resolve({ session, asked }),
      onFailure: reject,
      totpRequired: (challenge) => {
        asked += 1;
        user.sendMFACode(totp(secret, steps), callbacks, challenge);
      },
    };
    user.authenticateUser(new AuthenticationDetails({ Username: user.getUsername(), Password: password }), callbacks);
  });
}

async function createUser(pool, Username) {
  await idp.adminCreateUser({ UserPoolId: pool, Username, MessageAction: "SUPPRESS" });
  await idp.adminSetUserPassword({ UserPoolId: pool, Username, Password: password, Permanent: true });
}

/** Sets an authenticator app up, and has it asked for. */
async function setUpApp(AccessToken) {
  const { SecretCode } = await idp.associateSoftwareToken({ AccessToken });
  await idp.verifySoftwareToken({ AccessToken, UserCode: totp(SecretCode, 0) });
  await idp.setUserMFAPreference({ AccessToken, SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } });
  return SecretCode;
}

async function identityJs(pool, client) {
  await createUser(pool, "ada");
  const storage = new Storage();
  const users = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint: url, Storage: storage });
  const user = new CognitoUser({ Username: "ada", Pool: users, Storage: storage });
  const first = await authenticate(user);
  const secret = await setUpApp(first.session.getAccessToken().getJwtToken());
  // Confirmed by itself, and not remembered before its user says so.
  const key = first.session.getAccessToken().payload.device_key;
  const { Devices } = await called((callbacks) => user.listDevices(10, null, callbacks));
  assert.deepEqual(Devices.map((it) => it.DeviceKey), [key]);
  assert.equal((await authenticate(user, secret, 1)).asked, 1);
  await called((callbacks) => user.setDeviceStatusRemembered(callbacks));
  for (let round = 0; round < 4; round += 1) {
    const { session, asked } = await authenticate(user, secret);
    assert.equal(asked, 0);
    assert.equal(session.getAccessToken().payload.device_key, key);
    await done((callback) => user.refreshSession(session.getRefreshToken(), callback));
  }
  await called((callbacks) => user.forgetDevice(callbacks));
  const left = await called((callbacks) => user.listDevices(10, null, callbacks));
  assert.deepEqual(left.Devices, []);
}

async function amplify(pool, client) {
  await createUser(pool, "joan");
  Amplify.configure({ Auth: { Cognito: { userPoolId: pool, userPoolClientId: client, userPoolEndpoint: url } } });
  await signIn({ username: "joan", password });
  const { tokens } = await fetchAuthSession();
  await rememberDevice();
  await setUpApp(tokens.accessToken.toString());
  await signOut();
  const step = await signIn({ username: "joan", password });
  assert.deepEqual(step, { isSignedIn: true, nextStep: { signInStep: "DONE" } });
  await fetchAuthSession({ forceRefresh: true });
  const [device, ...others] = await fetchDevices();
  assert.deepEqual([device.id, others], [tokens.accessToken.payload.device_key, []]);
  await forgetDevice();
  assert.deepEqual(await fetchDevices(), []);
  await signOut();
  const asked = await signIn({ username: "joan", password });
  assert.equal(asked.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
}

const { UserPool } = await idp.createUserPool({
  PoolName: "devices",
  DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: true },
});
const pool = UserPool.Id;
const SoftwareTokenMfaConfiguration = { Enabled: true };
await idp.setUserPoolMfaConfig({ UserPoolId: pool, SoftwareTokenMfaConfiguration, MfaConfiguration: "OPTIONAL" });
await sleep(1000); // A server remembers a pool's settings a moment longer.
const { UserPoolClient } = await idp.createUserPoolClient({ UserPoolId: pool, ClientName: "web" });
await identityJs(pool, UserPoolClient.ClientId);
console.log("  amazon-cognito-identity-js confirms, remembers, proves and forgets its device");
await amplify(pool, UserPoolClient.ClientId);
console.log("  so does Amplify");
await idp.deleteUserPool({ UserPoolId: pool });
