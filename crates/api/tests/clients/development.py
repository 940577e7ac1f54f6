"""boto3 against a server in development mode."""

import boto3
from botocore.config import Config


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
