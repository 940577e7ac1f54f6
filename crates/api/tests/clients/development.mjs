// The AWS SDK for JavaScript against a server in development mode.

import { CognitoIdentityProvider } from "@aws-sdk/client-cognito-identity-provider";

/** Development mode takes any credentials. A failure that goes away when tried again is a failure. */
export function client(endpoint) {
  return new CognitoIdentityProvider({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "thing" },
    maxAttempts: 1,
  });
}
