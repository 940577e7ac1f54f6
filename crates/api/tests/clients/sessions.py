"""boto3 lists a user's sessions and ends single ones; run.sh calls this.

    sessions.py URL    URL of a server in development mode
"""

import sys
import time

import development

URL = sys.argv[1].rstrip("/")
PASSWORD = "Analytical-1843"

idp = development.client(URL)


def sign_in(client):
    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    outcome = idp.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
    return outcome["AuthenticationResult"]


def refresh(client, tokens):
    parameters = {"REFRESH_TOKEN": tokens["RefreshToken"]}
    idp.initiate_auth(ClientId=client, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=parameters)


def is_out(client, tokens):
    with development.refused("NotAuthorizedException", "Access Token has been revoked"):
        idp.get_user(AccessToken=tokens["AccessToken"])
    with development.refused("NotAuthorizedException", "Refresh Token has been revoked"):
        refresh(client, tokens)


def lists(pool, client, tokens):
    """The caller's own session and the other one, as the user and as an administrator sees them."""
    sessions = idp.list_user_sessions(AccessToken=tokens["AccessToken"])["Sessions"]
    assert [(it["SessionType"], it["ClientId"]) for it in sessions] == [("TOKEN", client)] * 2, sessions
    [own] = [it["SessionId"] for it in sessions if it["IsCurrentSession"]]
    [other] = [it["SessionId"] for it in sessions if not it["IsCurrentSession"]]
    seen = idp.admin_list_user_sessions(UserPoolId=pool, Username="ada")["Sessions"]
    assert {it["SessionId"] for it in seen} == {own, other}, seen
    assert not any(it["IsCurrentSession"] for it in seen), seen
    return own, other


def main():
    pool = idp.create_user_pool(PoolName="sessions")["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    created = idp.create_user_pool_client(UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows)
    client = created["UserPoolClient"]["ClientId"]
    idp.admin_create_user(UserPoolId=pool, Username="ada", MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool, Username="ada", Password=PASSWORD, Permanent=True)
    settings = {"UserSessionTracking": "ENABLED", "TokenSession": {"MaxPerUser": 2}}
    idp.set_user_pool_session_configuration(UserPoolId=pool, **settings)
    configured = idp.get_user_pool_session_configuration(UserPoolId=pool)
    assert settings.items() <= configured.items(), configured
    time.sleep(1)  # A server remembers a pool's settings a moment longer.

    first, second, third = sign_in(client), sign_in(client), sign_in(client)
    is_out(client, first)
    own, other = lists(pool, client, third)
    print("  boto3 lists the sessions that a pool lets a user have", flush=True)

    idp.revoke_user_session(AccessToken=third["AccessToken"], SessionId=other)
    is_out(client, second)
    refresh(client, third)
    idp.admin_revoke_user_session(UserPoolId=pool, Username="ada", SessionId=own)
    is_out(client, third)
    assert idp.admin_list_user_sessions(UserPoolId=pool, Username="ada")["Sessions"] == []
    print("  boto3 ends single sessions, as the user and as an administrator", flush=True)
    idp.delete_user_pool(UserPoolId=pool)


if __name__ == "__main__":
    main()
