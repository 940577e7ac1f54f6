"""pycognito proves passwords by SRP without sending them, with a secret hash too; run.sh calls this.

    srp.py URL    URL of a server in development mode
"""

import sys

from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import ForceChangePasswordException

import development

URL = sys.argv[1].rstrip("/")
PASSWORD = "Analytical-1843 ä€\U0001f511"
ANOTHER = "Nanosecond-1906"

idp = development.client(URL)


def create_client(pool, **settings):
    return idp.create_user_pool_client(UserPoolId=pool, ClientName="web", **settings)["UserPoolClient"]


def create_user(pool, username, permanent):
    idp.admin_create_user(UserPoolId=pool, Username=username, MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool, Username=username, Password=PASSWORD, Permanent=permanent)


def srp(pool, client, username, password):
    """One attempt; the client has the flows that Cognito gives it, which do not include sending a password."""
    arguments = {"client_id": client["ClientId"], "client_secret": client.get("ClientSecret")}
    return AWSSRP(username=username, password=password, pool_id=pool, client=idp, **arguments)


def signs_in(pool, client):
    for _ in range(16):
        result = srp(pool, client, "ada", PASSWORD).authenticate_user()["AuthenticationResult"]
        assert idp.get_user(AccessToken=result["AccessToken"])["Username"] == "ada", result
    try:
        srp(pool, client, "ada", ANOTHER).authenticate_user()
    except idp.exceptions.NotAuthorizedException as error:
        assert error.response["Error"]["Message"] == "Incorrect username or password.", error
    else:
        raise AssertionError("a wrong password signed in")


def sets_a_new_password(pool, client):
    try:
        srp(pool, client, "grace", PASSWORD).authenticate_user()
    except ForceChangePasswordException:
        pass
    else:
        raise AssertionError("a temporary password signed in")
    srp(pool, client, "grace", PASSWORD).set_new_password_challenge(ANOTHER)
    srp(pool, client, "grace", ANOTHER).authenticate_user()


def main():
    pool = idp.create_user_pool(PoolName="pycognito")["UserPool"]["Id"]
    create_user(pool, "ada", permanent=True)
    create_user(pool, "grace", permanent=False)
    signs_in(pool, create_client(pool))
    signs_in(pool, create_client(pool, GenerateSecret=True))
    print("  pycognito signs in by SRP, with and without a client secret", flush=True)
    sets_a_new_password(pool, create_client(pool))
    print("  pycognito answers for a new password", flush=True)
    idp.delete_user_pool(UserPoolId=pool)


if __name__ == "__main__":
    main()
