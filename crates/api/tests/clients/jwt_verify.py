"""boto3 signs users in, with a secret hash too, and PyJWT checks the tokens against the published keys; run.sh calls
this.

    jwt_verify.py URL    URL of a server in development mode, whose inbox holds the codes
"""

import base64
import hashlib
import hmac
import json
import sys
import urllib.request
import uuid
from contextlib import contextmanager

import boto3
import jwt
from botocore.exceptions import ClientError

import development
import inbox

URL = sys.argv[1].rstrip("/")
PASSWORD = "Analytical-1843"
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]
SCOPE = "aws.cognito.signin.user.admin"

idp = development.client(URL)


@contextmanager
def refused(name):
    """Expects a refusal: an error of the service by its name, any other by its type."""
    try:
        yield
    except ClientError as error:
        assert error.response["Error"]["Code"] == name, error
        assert error.response["ResponseMetadata"]["RequestId"], error.response
    except jwt.PyJWTError as error:
        assert type(error).__name__ == name, repr(error)
    else:
        raise AssertionError(f"not refused with {name}")


def create_user_pool(name):
    pool = idp.create_user_pool(PoolName=name, AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    return pool, create_client(pool)["ClientId"]


def create_client(pool, name="web", **settings):
    made = idp.create_user_pool_client(UserPoolId=pool, ClientName=name, ExplicitAuthFlows=FLOWS, **settings)
    return made["UserPoolClient"]


def sign_up(pool, client, username, **proof):
    """A confirmed user with a verified email address; returns their subject."""
    email = f"{username}@example.com"
    attributes = [{"Name": "email", "Value": email}]
    made = idp.sign_up(ClientId=client, Username=username, Password=PASSWORD, UserAttributes=attributes, **proof)
    assert made["UserConfirmed"] is False, made
    code = inbox.code(URL, pool, email)
    idp.confirm_sign_up(ClientId=client, Username=username, ConfirmationCode=code, **proof)
    return made["UserSub"]


def sign_in(client, username, **proof):
    parameters = {"USERNAME": username, "PASSWORD": PASSWORD, **proof}
    answer = idp.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    assert answer["ChallengeParameters"] == {}, answer
    return answer["AuthenticationResult"]


def refresh(client, token, **proof):
    parameters = {"REFRESH_TOKEN": token, **proof}
    answer = idp.initiate_auth(ClientId=client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters)
    return answer["AuthenticationResult"]


class Verifier:
    """What a resource server does: from the pool's issuer to its keys, and from the keys to the claims."""

    def __init__(self, pool):
        with urllib.request.urlopen(f"{URL}/{pool}/.well-known/openid-configuration", timeout=10) as answer:
            self.discovery = json.load(answer)
        self.issuer = self.discovery["issuer"]
        assert self.issuer == f"{URL}/{pool}", self.discovery
        assert self.discovery["jwks_uri"] == f"{self.issuer}/.well-known/jwks.json", self.discovery
        self.keys = jwt.PyJWKClient(self.discovery["jwks_uri"])

    def verify(self, token, audience=None):
        key = self.keys.get_signing_key_from_jwt(token)
        required = ["sub", "iss", "exp", "iat", "auth_time", "jti", "origin_jti", "event_id", "token_use"]
        options = {"require": required, "verify_aud": audience is not None}
        return jwt.decode(token, key, algorithms=["RS256"], issuer=self.issuer, audience=audience, options=options)


def check_header(token):
    header = jwt.get_unverified_header(token)
    assert set(header) == {"kid", "alg"} and header["alg"] == "RS256", header
    assert len(header["kid"]) == 44 and len(base64.b64decode(header["kid"], validate=True)) == 32, header
    return header["kid"]


def check_common(claims, subject):
    assert claims["sub"] == subject, claims
    for name in ("auth_time", "iat", "exp"):
        assert type(claims[name]) is int, (name, claims)
    assert claims["exp"] - claims["iat"] == 3600, claims
    for name in ("sub", "jti", "origin_jti", "event_id"):
        assert str(uuid.UUID(claims[name])) == claims[name], (name, claims)


def check_tokens(verifier, result, client, username, subject):
    """Both tokens' signatures, claims, and the claims' types; returns the claims."""
    assert (result["TokenType"], result["ExpiresIn"]) == ("Bearer", 3600), result
    kids = {check_header(result["IdToken"]), check_header(result["AccessToken"])}
    assert len(kids) == 2, "each use of a token has a key of its own"

    identity = verifier.verify(result["IdToken"], audience=client)
    check_common(identity, subject)
    assert identity["token_use"] == "id" and identity["aud"] == client, identity
    assert identity["cognito:username"] == username, identity
    assert identity["email"] == f"{username}@example.com" and identity["email_verified"] is True, identity
    assert not {"client_id", "scope", "username"} & set(identity), identity

    access = verifier.verify(result["AccessToken"])
    check_common(access, subject)
    assert access["token_use"] == "access" and access["client_id"] == client, access
    assert access["username"] == username and access["scope"] == SCOPE, access
    assert not {"aud", "email", "email_verified", "cognito:username"} & set(access), access

    for name in ("origin_jti", "event_id", "auth_time"):
        assert identity[name] == access[name], (name, identity, access)
    assert identity["jti"] != access["jti"], identity
    return identity, access


def tampered(token):
    """The same token with another user in it."""
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    claims["sub"] = str(uuid.uuid4())
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"{header}.{payload}.{signature}"


def tokens_of_a_public_client(pool, client):
    verifier = Verifier(pool)
    subject = sign_up(pool, client, "ada")
    result = sign_in(client, "ada")
    first = check_tokens(verifier, result, client, "ada", subject)

    assert "RefreshToken" not in (again := refresh(client, result["RefreshToken"])), again
    for before, after in zip(first, check_tokens(verifier, again, client, "ada", subject)):
        for name in ("origin_jti", "event_id", "auth_time"):
            assert before[name] == after[name], (name, before, after)
        assert before["jti"] != after["jti"], after
    return verifier, result


def tokens_that_fail(verifier, result):
    for token in (result["IdToken"], result["AccessToken"]):
        with refused("InvalidSignatureError"):
            verifier.verify(tampered(token))
    with refused("InvalidAudienceError"):
        verifier.verify(result["IdToken"], audience="another-client")
    with refused("NotAuthorizedException"):
        idp.get_user(AccessToken=tampered(result["AccessToken"]))

    pool, client = create_user_pool("other")
    sign_up(pool, client, "ada")
    foreign = sign_in(client, "ada")
    Verifier(pool).verify(foreign["IdToken"], audience=client)
    with refused("PyJWKClientError"):  # its key is not among this pool's
        verifier.verify(foreign["AccessToken"])
    key = Verifier(pool).keys.get_signing_key_from_jwt(foreign["AccessToken"])
    with refused("InvalidIssuerError"):
        jwt.decode(foreign["AccessToken"], key, algorithms=["RS256"], issuer=verifier.issuer)
    idp.delete_user_pool(UserPoolId=pool)


def a_client_with_a_secret(pool, verifier):
    made = create_client(pool, "server", GenerateSecret=True)
    client, secret = made["ClientId"], made["ClientSecret"]

    def proof(username):
        digest = hmac.digest(secret.encode(), (username + client).encode(), hashlib.sha256)
        return base64.b64encode(digest).decode()

    name = "grace"
    with refused("NotAuthorizedException"):
        idp.sign_up(ClientId=client, Username=name, Password=PASSWORD)
    with refused("NotAuthorizedException"):
        idp.sign_up(ClientId=client, Username=name, Password=PASSWORD, SecretHash=proof("somebody else"))
    subject = sign_up(pool, client, name, SecretHash=proof(name))

    with refused("NotAuthorizedException"):
        sign_in(client, name)
    with refused("NotAuthorizedException"):
        sign_in(client, name, SECRET_HASH=proof("somebody else"))
    result = sign_in(client, name, SECRET_HASH=proof(name))
    check_tokens(verifier, result, client, name, subject)

    # A refresh names no user: the hash is over the username that the tokens carry.
    token = result["RefreshToken"]
    with refused("NotAuthorizedException"):
        refresh(client, token)
    check_tokens(verifier, refresh(client, token, SECRET_HASH=proof(name)), client, name, subject)
    idp.revoke_token(ClientId=client, ClientSecret=secret, Token=token)
    with refused("NotAuthorizedException"):
        refresh(client, token, SECRET_HASH=proof(name))


def pages(operation, found, size, **arguments):
    """Everything that a paginator yields, in pages of at most that many."""
    everything = []
    paginator = idp.get_paginator(operation)
    # The SDK takes an empty token for a next page, and would ask for ever.
    for number, page in enumerate(paginator.paginate(**arguments, PaginationConfig={"PageSize": size})):
        assert len(page[found]) <= size and number < 1000, page
        assert "" not in (page.get("NextToken"), page.get("PaginationToken")), page
        everything += page[found]
    return everything


def paginators(pool):
    for number in range(5):
        idp.admin_create_user(UserPoolId=pool, Username=f"user-{number}", MessageAction="SUPPRESS")
    users = [user["Username"] for user in pages("list_users", "Users", 2, UserPoolId=pool)]
    expected = sorted(["ada", "grace", *(f"user-{number}" for number in range(5))])
    assert sorted(users) == expected, users
    users = pages("list_users", "Users", 3, UserPoolId=pool, Filter='username ^= "user-"')
    assert len(users) == 5 and all(user["UserStatus"] == "FORCE_CHANGE_PASSWORD" for user in users), users

    create_client(pool, "third")
    clients = pages("list_user_pool_clients", "UserPoolClients", 2, UserPoolId=pool)
    assert sorted(client["ClientName"] for client in clients) == ["server", "third", "web"], clients

    made = [create_user_pool(f"page-{number}")[0] for number in range(3)]
    pools = [each["Id"] for each in pages("list_user_pools", "UserPools", 2)]
    assert len(pools) == len(set(pools)) and {pool, *made} <= set(pools), pools
    for each in made:
        idp.delete_user_pool(UserPoolId=each)


def main():
    def step(text):
        print(f"  {text}", flush=True)

    step(f"boto3 {boto3.__version__}, PyJWT {jwt.__version__}")
    pool, client = create_user_pool("boto3")
    verifier, result = tokens_of_a_public_client(pool, client)
    step("both tokens verify, at sign-in and after a refresh, with Cognito's claims and types")
    tokens_that_fail(verifier, result)
    step("a tampered token, another client's and another pool's fail")
    a_client_with_a_secret(pool, verifier)
    step("a client with a secret signs up, signs in, refreshes and revokes with its proof, and not without")
    paginators(pool)
    step("paginators find every user, client and pool once")
    idp.delete_user_pool(UserPoolId=pool)


if __name__ == "__main__":
    main()
