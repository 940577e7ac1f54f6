// openid-client at the token endpoint: a machine's tokens, a user's refreshed and revoked; run.sh calls this.
//
//   oauth.mjs URL    URL of a server in development mode

import assert from "node:assert/strict";
import * as oidc from "openid-client";
import { client } from "./development.mjs";

const url = process.argv[2].replace(/\/$/, "");
const idp = client(url);
const insecure = { execute: [oidc.allowInsecureRequests] };
const password = "Analytical-1843";

const { UserPool } = await idp.createUserPool({ PoolName: "openid-client" });
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
await oidc.tokenRevocation(config, refreshed.refresh_token);
await assert.rejects(idp.getUser({ AccessToken: refreshed.access_token }), { name: "NotAuthorizedException" });
await assert.rejects(oidc.refreshTokenGrant(config, refreshed.refresh_token), { error: "invalid_grant" });
console.log("  a user's tokens are refreshed and revoked");
await idp.deleteUserPool({ UserPoolId: pool });
