"""boto3 signs in by choice (USER_AUTH), with codes as first and as second factors; run.sh calls this.

    choice.py URL    URL of a server in development mode, whose inbox holds the codes
"""

import collections
import json
import sys
import time

import development
import inbox

URL = sys.argv[1].rstrip("/")
PASSWORD = "Analytical-1843"
PHONE = "+15551234567"

idp = development.client(URL)
messages = collections.Counter()


def code(pool, address):
    """The code in the next message that a pool sends to an address; each must be read in turn."""
    messages[pool, address] += 1
    return inbox.code(URL, pool, address, messages[pool, address])


def create_client(pool, *flows):
    flows = [*flows, "ALLOW_REFRESH_TOKEN_AUTH"]
    client = idp.create_user_pool_client(UserPoolId=pool, ClientName="web", ExplicitAuthFlows=flows)
    return client["UserPoolClient"]["ClientId"]


def create_user(pool, username, **attributes):
    attributes = [{"Name": name, "Value": value} for name, value in attributes.items()]
    idp.admin_create_user(UserPoolId=pool, Username=username, UserAttributes=attributes, MessageAction="SUPPRESS")
    idp.admin_set_user_password(UserPoolId=pool, Username=username, Password=PASSWORD, Permanent=True)


def begin(client, username, session=None, flow="USER_AUTH", **parameters):
    arguments = {"Session": session} if session else {}
    parameters["USERNAME"] = username
    return idp.initiate_auth(ClientId=client, AuthFlow=flow, AuthParameters=parameters, **arguments)


def answer(client, challenge, username, **responses):
    return idp.respond_to_auth_challenge(
        ClientId=client,
        ChallengeName=challenge["ChallengeName"],
        Session=challenge["Session"],
        ChallengeResponses={"USERNAME": username, **responses},
    )


def is_in(outcome, username):
    assert "ChallengeName" not in outcome, outcome
    access = outcome["AuthenticationResult"]["AccessToken"]
    assert idp.get_user(AccessToken=access)["Username"] == username
    return access


def chooses(pool, client):
    offered = begin(client, "ada")
    assert offered["ChallengeName"] == "SELECT_CHALLENGE", offered
    assert set(offered["AvailableChallenges"]) == {"PASSWORD", "PASSWORD_SRP", "EMAIL_OTP"}, offered
    is_in(answer(client, offered, "ada", ANSWER="PASSWORD", PASSWORD=PASSWORD), "ada")

    sent = answer(client, begin(client, "ada"), "ada", ANSWER="EMAIL_OTP")
    assert sent["ChallengeName"] == "EMAIL_OTP", sent
    assert sent["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"] == "EMAIL", sent
    right = code(pool, "ada@example.com")
    with development.refused("CodeMismatchException", "Invalid code or auth state for the user."):
        answer(client, sent, "ada", EMAIL_OTP_CODE="no code")
    is_in(answer(client, sent, "ada", EMAIL_OTP_CODE=right), "ada")
    with development.refused("NotAuthorizedException", "Invalid session for the user, session can only be used once."):
        answer(client, sent, "ada", EMAIL_OTP_CODE=right)


def prefers(pool, client):
    is_in(begin(client, "ada", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD), "ada")
    with development.refused("NotAuthorizedException", "Incorrect username or password."):
        begin(client, "ada", PREFERRED_CHALLENGE="PASSWORD", PASSWORD="Nanosecond-1906")
    asked = begin(client, "ada", PREFERRED_CHALLENGE="PASSWORD")
    assert asked["ChallengeName"] == "PASSWORD", asked
    is_in(answer(client, asked, "ada", PASSWORD=PASSWORD), "ada")
    sent = begin(client, "ada", PREFERRED_CHALLENGE="EMAIL_OTP")
    is_in(answer(client, sent, "ada", EMAIL_OTP_CODE=code(pool, "ada@example.com")), "ada")
    assert begin(client, "ada", PREFERRED_CHALLENGE="WEB_AUTHN")["ChallengeName"] == "SELECT_CHALLENGE"


def signs_up(pool, client):
    address = "grace@example.com"
    attributes = [{"Name": "email", "Value": address}]
    signed_up = idp.sign_up(ClientId=client, Username="grace", UserAttributes=attributes)
    confirmed = idp.confirm_sign_up(
        ClientId=client, Username="grace", ConfirmationCode=code(pool, address), Session=signed_up["Session"]
    )
    is_in(begin(client, "grace", session=confirmed["Session"]), "grace")
    with development.refused("NotAuthorizedException", "Invalid session for the user, session can only be used once."):
        begin(client, "grace", session=confirmed["Session"])
    # Nothing else is set up, so there is nothing to choose.
    sent = begin(client, "grace")
    is_in(answer(client, sent, "grace", EMAIL_OTP_CODE=code(pool, address)), "grace")


def gives_second_factors(pool, client):
    def prefer(**factors):
        idp.admin_set_user_mfa_preference(UserPoolId=pool, Username="ada", **factors)

    def begin_with_password():
        return begin(client, "ada", flow="USER_PASSWORD_AUTH", PASSWORD=PASSWORD)

    def give_code(sent, address):
        response = {f"{sent['ChallengeName']}_CODE": code(pool, address)}
        return is_in(answer(client, sent, "ada", **response), "ada")

    is_in(begin_with_password(), "ada")
    prefer(EmailMfaSettings={"Enabled": True, "PreferredMfa": True})
    sent = begin_with_password()
    assert sent["ChallengeName"] == "EMAIL_OTP", sent
    user = idp.get_user(AccessToken=give_code(sent, "ada@example.com"))
    assert (user["UserMFASettingList"], user["PreferredMfaSetting"]) == (["EMAIL_OTP"], "EMAIL_OTP"), user

    prefer(EmailMfaSettings={"Enabled": True, "PreferredMfa": False}, SMSMfaSettings={"Enabled": True})
    for factor, address in [("SMS_MFA", PHONE), ("EMAIL_OTP", "ada@example.com")]:
        asked = begin_with_password()
        assert asked["ChallengeName"] == "SELECT_MFA_TYPE", asked
        assert set(json.loads(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"])) == {"SMS_MFA", "EMAIL_OTP"}, asked
        sent = answer(client, asked, "ada", ANSWER=factor)
        assert sent["ChallengeName"] == factor, sent
        give_code(sent, address)


def first_factors():
    policy = {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}
    created = idp.create_user_pool(
        PoolName="choice", Policies={"SignInPolicy": policy}, AutoVerifiedAttributes=["email"]
    )
    pool = created["UserPool"]["Id"]
    client = create_client(pool, "ALLOW_USER_AUTH")
    create_user(pool, "ada", email="ada@example.com", email_verified="true")
    chooses(pool, client)
    prefers(pool, client)
    print("  boto3 signs in by choice, with a password or with a code alone", flush=True)
    signs_up(pool, client)
    print("  boto3 signs in after a sign-up without another proof", flush=True)
    idp.delete_user_pool(UserPoolId=pool)


def second_factors():
    sender = "arn:aws:ses:us-east-1:123456789012:identity/no-reply@example.com"
    created = idp.create_user_pool(
        PoolName="codes", EmailConfiguration={"EmailSendingAccount": "DEVELOPER", "SourceArn": sender}
    )
    pool = created["UserPool"]["Id"]
    client = create_client(pool, "ALLOW_USER_PASSWORD_AUTH")
    idp.set_user_pool_mfa_config(
        UserPoolId=pool,
        MfaConfiguration="OPTIONAL",
        EmailMfaConfiguration={"Subject": "Your code", "Message": "Yours: {####}"},
        SmsMfaConfiguration={"SmsAuthenticationMessage": "Yours: {####}"},
    )
    time.sleep(1)  # A server remembers a pool's settings a moment longer.
    create_user(pool, "ada", email="ada@example.com", email_verified="true", phone_number=PHONE)
    gives_second_factors(pool, client)
    print("  boto3 gives codes as second factors, chosen where there are several", flush=True)
    idp.delete_user_pool(UserPoolId=pool)


def main():
    first_factors()
    second_factors()


if __name__ == "__main__":
    main()
