// The sign-in that browsers do: amazon-cognito-identity-js and Amplify prove a password by SRP without sending it, answer
// the demand for a new one, set an authenticator app up and give its codes, refresh and sign out; run.sh calls this.
//
//   sign_in.mjs URL    URL of a server in development mode

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { AuthenticationDetails, CognitoUser, CognitoUserPool } from "amazon-cognito-identity-js";
import { Amplify } from "aws-amplify";
import {
  confirmSignIn,
  fetchAuthSession,
  fetchMFAPreference,
  fetchUserAttributes,
  getCurrentUser,
  signIn,
  signOut,
  updateMFAPreference,
  updatePassword,
} from "aws-amplify/auth";
import { ConsoleLogger } from "aws-amplify/utils";

import { client as developmentClient } from "./development.mjs";
import { totp } from "./totp.mjs";

// It warns of an endpoint that is not AWS's.
ConsoleLogger.LOG_LEVEL = "ERROR";

const url = process.argv[2].replace(/\/$/, "");
const password = "Analytical-1843 ä€\u{1f511}";
const another = "Nanosecond-1906";

const idp = developmentClient(url);

/** A client that hides who exists; by default with Cognito's default flows, which do not include sending a password. */
async function createClient(pool, settings) {
  const { UserPoolClient } = await idp.createUserPoolClient({
    UserPoolId: pool,
    ClientName: "web",
    PreventUserExistenceErrors: "ENABLED",
    ...settings,
  });
  return UserPoolClient.ClientId;
}

/** A user with a password, for good or for the first sign-in. */
async function createUser(pool, Username, Permanent) {
  await idp.adminCreateUser({
    UserPoolId: pool,
    Username,
    MessageAction: "SUPPRESS",
    UserAttributes: [
      { Name: "email", Value: `${Username}@example.com` },
      { Name: "email_verified", Value: "true" },
    ],
  });
  await idp.adminSetUserPassword({ UserPoolId: pool, Username, Password: password, Permanent });
}

/** Signs in with amazon-cognito-identity-js; a new password is given where one is demanded. */
function authenticate(pool, client, name, secret) {
  const users = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint: url });
  const user = new CognitoUser({ Username: name, Pool: users });
  const details = new AuthenticationDetails({ Username: name, Password: secret });
  return new Promise((resolve, reject) => {
    const callbacks = {
      onSuccess: (session) => resolve({ user, session }),
      onFailure: reject,
      newPasswordRequired: (attributes, required) => {
        assert.deepEqual(required, []);
        assert.equal(attributes.email, `${name}@example.com`);
        user.completeNewPasswordChallenge(another, {}, callbacks);
      },
    };
    user.authenticateUser(details, callbacks);
  });
}

/** One of that library's calls that end in a callback. */
const done = (call) => new Promise((resolve, reject) => call((error, result) => (error ? reject(error) : resolve(result))));

const wrong = { name: "NotAuthorizedException", message: "Incorrect username or password." };

async function identityJs(pool, client) {
  for (const name of ["ada", "ada@example.com"]) {
    const { user, session } = await authenticate(pool, client, name, password);
    assert.equal(session.getAccessToken().payload.username, "ada");
    assert.equal(session.getIdToken().payload["cognito:username"], "ada");
    const again = await done((callback) => user.refreshSession(session.getRefreshToken(), callback));
    assert.equal(again.getAccessToken().payload.origin_jti, session.getAccessToken().payload.origin_jti);
    const attributes = await done((callback) => user.getUserAttributes(callback));
    assert.ok(attributes.some((it) => it.Name === "email" && it.Value === "ada@example.com"));
  }
  const { session } = await authenticate(pool, client, "grace", password);
  assert.equal(session.getAccessToken().payload.username, "grace");
  await authenticate(pool, client, "grace", another);
  await assert.rejects(authenticate(pool, client, "ada", another), wrong);
  await assert.rejects(authenticate(pool, client, "nobody", password), wrong);
  // The client's and the server's numbers differ each time, and some begin with zeros.
  for (let round = 0; round < 16; round += 1) await authenticate(pool, client, "ada", password);
}

async function amplify(pool, plain, rotating) {
  const configure = (client) =>
    Amplify.configure({ Auth: { Cognito: { userPoolId: pool, userPoolClientId: client, userPoolEndpoint: url } } });
  for (const [client, username] of [[plain, "joan"], [rotating, "joan@example.com"]]) {
    configure(client);
    const step = await signIn({ username, password });
    assert.deepEqual(step, { isSignedIn: true, nextStep: { signInStep: "DONE" } });
    assert.equal((await getCurrentUser()).username, "joan");
    assert.equal((await fetchUserAttributes()).email, "joan@example.com");
    const { tokens } = await fetchAuthSession();
    for (let round = 0; round < 3; round += 1) {
      const refreshed = await fetchAuthSession({ forceRefresh: true });
      assert.notEqual(refreshed.tokens.accessToken.toString(), tokens.accessToken.toString());
    }
    await signOut({ global: username.includes("@") });
    await assert.rejects(getCurrentUser(), { name: "UserUnAuthenticatedException" });
  }
  const step = await signIn({ username: "linus", password });
  assert.equal(step.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED");
  const next = await confirmSignIn({ challengeResponse: another });
  assert.deepEqual(next, { isSignedIn: true, nextStep: { signInStep: "DONE" } });
  await updatePassword({ oldPassword: another, newPassword: password });
  await signOut();
  await signIn({ username: "linus", password });
  await signOut();
  await assert.rejects(signIn({ username: "joan", password: another }), wrong);
  await assert.rejects(signIn({ username: "nobody", password }), wrong);
}

/** Signs in with amazon-cognito-identity-js where an app must be set up, or asked for; returns the app's secret. */
function authenticateWithApp(pool, client, name, secret) {
  const users = new CognitoUserPool({ UserPoolId: pool, ClientId: client, endpoint: url });
  const user = new CognitoUser({ Username: name, Pool: users });
  return new Promise((resolve, reject) => {
    const callbacks = {
      onSuccess: () => resolve(secret),
      onFailure: reject,
      mfaSetup: () => user.associateSoftwareToken(callbacks),
      associateSecretCode: (associated) => {
        secret = associated;
        user.verifySoftwareToken(totp(secret, 0), "My phone", callbacks);
      },
      totpRequired: (challenge, parameters) => {
        assert.equal(parameters.FRIENDLY_DEVICE_NAME, "My phone");
        user.sendMFACode(totp(secret, 1), callbacks, challenge);
      },
    };
    user.authenticateUser(new AuthenticationDetails({ Username: name, Password: password }), callbacks);
  });
}

async function authenticatorApps(pool, client) {
  const SoftwareTokenMfaConfiguration = { Enabled: true };
  await idp.setUserPoolMfaConfig({ UserPoolId: pool, SoftwareTokenMfaConfiguration, MfaConfiguration: "ON" });
  await sleep(1000); // A server remembers a pool's settings a moment longer.
  const secret = await authenticateWithApp(pool, client, "ada");
  await authenticateWithApp(pool, client, "ada", secret);

  const setUp = await signIn({ username: "joan", password });
  assert.equal(setUp.nextStep.signInStep, "CONTINUE_SIGN_IN_WITH_TOTP_SETUP");
  const { sharedSecret } = setUp.nextStep.totpSetupDetails;
  const done = { isSignedIn: true, nextStep: { signInStep: "DONE" } };
  assert.deepEqual(await confirmSignIn({ challengeResponse: totp(sharedSecret, 0) }), done);
  assert.deepEqual((await fetchMFAPreference()).enabled, ["TOTP"]);
  await signOut();
  const asked = await signIn({ username: "joan", password });
  assert.equal(asked.nextStep.signInStep, "CONFIRM_SIGN_IN_WITH_TOTP_CODE");
  await assert.rejects(confirmSignIn({ challengeResponse: totp(sharedSecret, 9) }), { name: "CodeMismatchException" });
  assert.deepEqual(await confirmSignIn({ challengeResponse: totp(sharedSecret, 1) }), done);
  await updateMFAPreference({ totp: "PREFERRED" });
  assert.deepEqual(await fetchMFAPreference(), { enabled: ["TOTP"], preferred: "TOTP" });
  await signOut();
}

const { UserPool } = await idp.createUserPool({ PoolName: "srp", AliasAttributes: ["email"] });
const pool = UserPool.Id;
for (const [name, permanent] of [["ada", true], ["grace", false], ["joan", true], ["linus", false]]) {
  await createUser(pool, name, permanent);
}
const plain = await createClient(pool, {});
const rotating = await createClient(pool, {
  ExplicitAuthFlows: ["ALLOW_USER_SRP_AUTH"],
  RefreshTokenRotation: { Feature: "ENABLED" },
});
await identityJs(pool, plain);
console.log("  amazon-cognito-identity-js signs in by SRP, answers for a new password, and refreshes");
await amplify(pool, plain, rotating);
console.log("  Amplify signs in with its default flow, answers for a new password, refreshes, with rotation too, and signs out");
await authenticatorApps(pool, plain);
console.log("  both set an authenticator app up where the pool demands one, and give its codes");
await idp.deleteUserPool({ UserPoolId: pool });
