"""Authlib: a machine's tokens, a user's by the sign-in page, refreshed and revoked; run.sh calls this.

    oauth.py URL    URL of a server in development mode
"""

import os
import sys

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.jose import JsonWebKey, jwt
from authlib.oidc.core import CodeIDToken

import development

# The server is on this machine.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
URL = sys.argv[1].rstrip("/")
PASSWORD = "Analytical-1843"

idp = development.client(URL)
pool = idp.create_user_pool(PoolName="authlib")["UserPool"]["Id"]
scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
idp.create_resource_server(UserPoolId=pool, Identifier="api", Name="API", Scopes=scopes)
endpoints = requests.get(f"{URL}/{pool}/.well-known/openid-configuration", timeout=10).json()


def client(**settings):
    made = idp.create_user_pool_client(
        UserPoolId=pool, ClientName="web", GenerateSecret=True, AllowedOAuthFlowsUserPoolClient=True, **settings
    )["UserPoolClient"]
    return made["ClientId"], made["ClientSecret"]


def machine():
    """By either way that Authlib proves a secret."""
    credentials = client(AllowedOAuthFlows=["client_credentials"], AllowedOAuthScopes=["api/read", "api/write"])
    for method in ("client_secret_basic", "client_secret_post"):
        session = OAuth2Session(*credentials, token_endpoint_auth_method=method, scope="api/read")
        token = session.fetch_token(endpoints["token_endpoint"], grant_type="client_credentials")
        assert (token["token_type"], token["scope"], token["expires_in"]) == ("Bearer", "api/read", 3600), token
    session = OAuth2Session(*credentials, scope="api/none")
    try:
        session.fetch_token(endpoints["token_endpoint"], grant_type="client_credentials")
    except OAuthError as refused:
        assert refused.error == "invalid_scope", refused
    else:
        raise AssertionError("a scope that there is not was granted")
    print("  a machine has its tokens")


def user():
    """What a sign-in through the API yields is refreshed, rotates, and is revoked."""
    credentials = client(
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid"],
        CallbackURLs=["https://app.example.com/"],
        SupportedIdentityProviders=["COGNITO"],
        RefreshTokenRotation={"Feature": "ENABLED", "RetryGracePeriodSeconds": 0},
    )
    idp.admin_create_user(UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool, Username="ada", Password=PASSWORD, Permanent=True)
    signed_in = idp.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=credentials[0],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD, "SECRET_HASH": development.secret_hash("ada", *credentials)},
    )["AuthenticationResult"]
    session = OAuth2Session(*credentials)
    token = session.refresh_token(endpoints["token_endpoint"], refresh_token=signed_in["RefreshToken"])
    assert token["refresh_token"] != signed_in["RefreshToken"] and token["id_token"], token
    assert idp.get_user(AccessToken=token["access_token"])["Username"] == "ada"
    revoked = session.revoke_token(
        endpoints["revocation_endpoint"], token=token["refresh_token"], token_type_hint="refresh_token"
    )
    assert (revoked.status_code, revoked.content) == (200, b""), revoked
    with development.refused("NotAuthorizedException", "Access Token has been revoked"):
        idp.get_user(AccessToken=token["access_token"])
    print("  a user's tokens are refreshed and revoked")


def browser():
    """A script that fills in the sign-in page as it does with Cognito's, and what comes back with it."""
    callback = "https://app.example.com/"
    credentials = client(
        AllowedOAuthFlows=["code"],
        AllowedOAuthScopes=["openid", "email"],
        CallbackURLs=[callback],
        SupportedIdentityProviders=["COGNITO"],
    )
    session = OAuth2Session(*credentials, redirect_uri=callback, scope="openid email", code_challenge_method="S256")
    verifier = generate_token(64)
    address, state = session.create_authorization_url(
        endpoints["authorization_endpoint"], code_verifier=verifier, nonce="n-1"
    )
    visitor = requests.Session()
    page = visitor.get(address, timeout=10)
    form = {"_csrf": visitor.cookies["XSRF-TOKEN"], "username": "ada", "password": PASSWORD, "cognitoAsfData": ""}
    sent = visitor.post(page.url, data=form, allow_redirects=False, timeout=10)
    assert sent.status_code == 302, sent.text
    token = session.fetch_token(
        endpoints["token_endpoint"],
        authorization_response=sent.headers["Location"],
        code_verifier=verifier,
        state=state,
    )
    keys = JsonWebKey.import_key_set(requests.get(endpoints["jwks_uri"], timeout=10).json())
    expected = {
        "iss": {"essential": True, "value": endpoints["issuer"]},
        "aud": {"essential": True, "value": credentials[0]},
        "nonce": {"essential": True, "value": "n-1"},
    }
    parameters = {"nonce": "n-1", "client_id": credentials[0], "access_token": token["access_token"]}
    claims = jwt.decode(
        token["id_token"], keys, claims_cls=CodeIDToken, claims_options=expected, claims_params=parameters
    )
    claims.validate()
    info = session.get(endpoints["userinfo_endpoint"]).json()
    assert (info["sub"], info["username"]) == (claims["sub"], "ada"), info
    print("  a script signs somebody in at the page, and Authlib checks what comes of it")


machine()
user()
browser()
idp.delete_user_pool(UserPoolId=pool)
