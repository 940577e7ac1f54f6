// openid-client at the token endpoint: a machine's tokens, a user's refreshed, introspected and revoked; and as a client that
// registers itself. run.sh calls this.
//
//   oauth.mjs URL    URL of a server in development mode

import assert from "node:assert/strict";
import * as oidc from "openid-client";
import { call, client } from "./development.mjs";

const url = process.argv[2].replace(/\/$/, "");
const idp = client(url);
const insecure = { execute: [oidc.allowInsecureRequests] };
const password = "Analytical-1843";

const { UserPool } = await idp.createUserPool({
  PoolName: "openid-client",
  UserPoolTags: { "cognate:introspection": "on" },
});
const pool = UserPool.Id;
const scopes = ["read", "write"].map((name) => ({ ScopeName: name, ScopeDescription: name }));
await idp.createResourceServer({ UserPoolId: pool, Identifier: "api", Name: "API", Scopes: scopes });

async function discovered(settings, authentication) {
  const { UserPoolClient } = await idp.createUserPoolClient({
    UserPoolId: pool,
    ClientName: "web",
    AllowedOAuthFlowsUserPoolClient: true,
    ...settings,
  });
  const { ClientId, ClientSecret } = UserPoolClient;
  const issuer = new URL(`${url}/${pool}`);
  return oidc.discovery(issuer, ClientId, undefined, authentication(ClientSecret), insecure);
}

const machines = {
  GenerateSecret: true,
  AllowedOAuthFlows: ["client_credentials"],
  AllowedOAuthScopes: ["api/read", "api/write"],
};
for (const authentication of [oidc.ClientSecretBasic, oidc.ClientSecretPost]) {
  const config = await discovered(machines, authentication);
  const tokens = await oidc.clientCredentialsGrant(config, { scope: "api/write" });
  assert.deepEqual([tokens.token_type, tokens.scope], ["bearer", "api/write"]);
  await assert.rejects(oidc.clientCredentialsGrant(config, { scope: "api/none" }), { error: "invalid_scope" });
}
console.log("  a machine has its tokens");

const users = {
  ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH"],
  AllowedOAuthFlows: ["code"],
  AllowedOAuthScopes: ["openid"],
  CallbackURLs: ["https://app.example.com/"],
  SupportedIdentityProviders: ["COGNITO"],
  RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 0 },
};
const config = await discovered(users, oidc.None);
await idp.adminCreateUser({ UserPoolId: pool, Username: "ada", MessageAction: "SUPPRESS" });
await idp.adminSetUserPassword({ UserPoolId: pool, Username: "ada", Password: password, Permanent: true });
const { AuthenticationResult } = await idp.initiateAuth({
  ClientId: config.clientMetadata().client_id,
  AuthFlow: "USER_PASSWORD_AUTH",
  AuthParameters: { USERNAME: "ada", PASSWORD: password },
});
const refreshed = await oidc.refreshTokenGrant(config, AuthenticationResult.RefreshToken);
assert.equal(refreshed.claims()["cognito:username"], "ada");
assert.notEqual(refreshed.refresh_token, AuthenticationResult.RefreshToken);
const asking = await discovered(machines, oidc.ClientSecretBasic);
const told = await oidc.tokenIntrospection(asking, refreshed.access_token);
assert.deepEqual([told.active, told.username], [true, "ada"]);
await oidc.tokenRevocation(config, refreshed.refresh_token);
await assert.rejects(idp.getUser({ AccessToken: refreshed.access_token }), { name: "NotAuthorizedException" });
await assert.rejects(oidc.refreshTokenGrant(config, refreshed.refresh_token), { error: "invalid_grant" });
await new Promise((resolve) => setTimeout(resolve, 1000));
assert.deepEqual({ ...(await oidc.tokenIntrospection(asking, refreshed.access_token)) }, { active: false });
console.log("  a user's tokens are refreshed, introspected and revoked");

await call(url, "UpdateUserPool", { UserPoolId: pool, DcrConfiguration: { OpenDcrEnabled: true } });
await new Promise((resolve) => setTimeout(resolve, 1000));
const agent = { client_name: "Agent", redirect_uris: ["http://localhost:8765/"], token_endpoint_auth_method: "none" };
const issuer = new URL(`${url}/${pool}`);
const registered = await oidc.dynamicClientRegistration(issuer, agent, oidc.None(), insecure);
assert.ok(registered.clientMetadata().client_id);
assert.equal(registered.clientMetadata().scope, "openid email phone profile");
console.log("  a client registers itself");
await idp.deleteUserPool({ UserPoolId: pool });
