"""boto3 against a server in development mode."""

import base64
import contextlib
import hmac

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError


def client(url):
    """Development mode takes any credentials. A failure that goes away when tried again is a failure."""
    return boto3.client(
        "cognito-idp",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="thing",
        config=Config(retries={"total_max_attempts": 1}),
    )


@contextlib.contextmanager
def refused(error, message):
    """What is done within must be refused in these words."""
    try:
        yield
    except ClientError as refusal:
        said = refusal.response["Error"]
        assert (said["Code"], said["Message"]) == (error, message), refusal
    else:
        raise AssertionError(f"not refused with {error}: {message}")


def secret_hash(username, client_id, secret):
    """Proof of a client's secret, as the API wants it."""
    digest = hmac.digest(secret.encode(), f"{username}{client_id}".encode(), "sha256")
    return base64.b64encode(digest).decode()
