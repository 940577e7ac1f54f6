"""What leaves through AWS's services and functions: codes that AWS's Encryption SDK decrypts, under a key of moto's KMS and under
one of the pool's own, and text messages by moto's SNS.

    senders.py COGNATE    starts that binary on the database of COGNATE_DATABASE_URL
"""

import base64
import contextlib
import html
import http.server
import json
import logging
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

import aws_encryption_sdk
import boto3
from aws_encryption_sdk.identifiers import CommitmentPolicy, EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.kms import StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider
from moto.core import DEFAULT_ACCOUNT_ID
from moto.server import ThreadedMotoServer
from moto.sns.models import sns_backends

import development

REGION = "us-east-1"
PASSWORD = "Correct-Horse-7"
PATIENCE = 20.0
# The names of a handler's own: Cognito's samples allow messages without key commitment, and ours commit.
DECRYPTS = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)


class Function(http.server.BaseHTTPRequestHandler):
    """A function that takes events."""

    events: list = []

    def do_POST(self):
        event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.events.append(event)
        answer = json.dumps(event).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def until(found):
    """What is there at last."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (it := found()) is not None:
            return it
        time.sleep(0.05)
    raise TimeoutError


def code_of(source, keys):
    """The code in the next event of that source, as a handler gets it."""
    event = until(lambda: next((it for it in Function.events if it["triggerSource"] == source), None))
    Function.events.remove(event)
    code, header = DECRYPTS.decrypt(source=base64.b64decode(event["request"]["code"]), key_provider=keys)
    assert header.encryption_context == {"userpool-id": event["userPoolId"]}, header.encryption_context
    return code.decode()


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


@contextlib.contextmanager
def cognate(binary, folder, **settings):
    """A server with these settings, and a client of it."""
    url = f"http://127.0.0.1:{free_port()}"
    own = {"COGNATE_LISTEN": url.removeprefix("http://"), "COGNATE_PUBLIC_URL": url, "COGNATE_DATA_DIR": str(folder)}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment |= {"COGNATE_DEV": "true"} | own | settings
    environment.pop("COGNATE_METRICS_LISTEN", None)
    log = pathlib.Path(folder, "log")
    with log.open("w") as out:
        server = subprocess.Popen([binary, "serve"], env=environment, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/_cognate/health/ready", timeout=5).close()
                break
            assert server.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield development.client(url)
    except BaseException:
        print(log.read_text(), file=sys.stderr)
        raise
    finally:
        server.send_signal(signal.SIGTERM)
        assert server.wait(40) == 0


def sign_up(cognito, client, name, **attributes):
    given = [{"Name": key, "Value": value} for key, value in attributes.items()]
    return cognito.sign_up(ClientId=client, Username=name, Password=PASSWORD, UserAttributes=given)


def app_client(cognito, pool):
    created = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="web",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )
    return created["UserPoolClient"]["ClientId"]


def through_a_function(cognito, client, keys, name):
    """Signs up with the code that the function got."""
    sign_up(cognito, client, name, email=f"{name}@example.com")
    code = code_of("CustomEmailSender_SignUp", keys)
    cognito.confirm_sign_up(ClientId=client, Username=name, ConfirmationCode=code)


def invited(cognito, pool, client, keys):
    """A temporary password comes as HTML would have it."""
    cognito.admin_create_user(
        UserPoolId=pool,
        Username="grace",
        TemporaryPassword="<Temp&orary>-7",
        UserAttributes=[{"Name": "email", "Value": "grace@example.com"}],
        DesiredDeliveryMediums=["EMAIL"],
    )
    told = code_of("CustomEmailSender_AdminCreateUser", keys)
    assert told == "&lt;Temp&amp;orary&gt;-7", told
    answer = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "grace", "PASSWORD": html.unescape(told)},
    )
    assert answer["ChallengeName"] == "NEW_PASSWORD_REQUIRED", answer


def by_text_message(cognito):
    """A code by SNS."""
    role = {"SnsCallerArn": f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/sns", "ExternalId": "1"}
    created = cognito.create_user_pool(
        PoolName="sms", AutoVerifiedAttributes=["phone_number"], SmsConfiguration=role
    )
    client = app_client(cognito, created["UserPool"]["Id"])
    answer = sign_up(cognito, client, "ada", phone_number="+12065550100")
    assert answer["CodeDeliveryDetails"]["DeliveryMedium"] == "SMS", answer
    sent = sns_backends[DEFAULT_ACCOUNT_ID][REGION].sms_messages
    number, words = until(lambda: next(iter(sent.values()), None))[:2]
    assert number == "+12065550100", number
    code = re.search(r"\d{6}", words)[0]
    cognito.confirm_sign_up(ClientId=client, Username="ada", ConfirmationCode=code)
    assert len(sent) == 1, sent


def main(binary):
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    aws = "http://{}:{}".format(*moto.get_host_and_port())
    # What a handler finds on Lambda.
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "thing",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL_KMS": aws,
    }
    key = boto3.client("kms").create_key()["KeyMetadata"]["Arn"]
    functions = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Function)
    threading.Thread(target=functions.serve_forever, daemon=True).start()
    sender = {"LambdaVersion": "V1_0", "LambdaArn": f"http://127.0.0.1:{functions.server_port}/send"}
    settings = {}
    for service in ("KMS", "SNS"):
        settings[f"COGNATE_{service}_ENDPOINT_URL"] = aws
        settings[f"COGNATE_{service}_ACCESS_KEY_ID"] = "any"
        settings[f"COGNATE_{service}_SECRET_ACCESS_KEY"] = "thing"
    with tempfile.TemporaryDirectory() as folder:
        with cognate(binary, folder, **settings) as cognito:
            created = cognito.create_user_pool(
                PoolName="functions",
                AutoVerifiedAttributes=["email"],
                LambdaConfig={"CustomEmailSender": sender, "KMSKeyID": key},
            )
            pool = created["UserPool"]["Id"]
            client = app_client(cognito, pool)
            keys = StrictAwsKmsMasterKeyProvider(key_ids=[key])
            through_a_function(cognito, client, keys, "ada")
            invited(cognito, pool, client, keys)
            by_text_message(cognito)
        moto.stop()

        with cognate(binary, folder) as cognito:
            shown = subprocess.run(
                [binary, "user-pool", "sender-key", pool],
                env=os.environ | {"COGNATE_DATA_DIR": folder, "COGNATE_DEV": "true"},
                check=True,
                capture_output=True,
            )
            through_a_function(cognito, client, own(json.loads(shown.stdout)), "mary")


def own(shown):
    """The pool's own key, as the command shows it."""

    class Own(RawMasterKeyProvider):
        provider_id = shown["keyNamespace"]

        def _get_raw_key(self, key_id):
            assert key_id.decode() == shown["keyName"], key_id
            return WrappingKey(
                wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
                wrapping_key=base64.b64decode(shown["key"]),
                wrapping_key_type=EncryptionKeyType.SYMMETRIC,
            )

    provider = Own()
    provider.add_master_key(shown["keyName"].encode())
    return provider


if __name__ == "__main__":
    main(*sys.argv[1:])
