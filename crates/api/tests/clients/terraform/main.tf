# Everything of Cognito that the AWS provider can manage, in two variants: terraform.sh applies the first one, and then
# the second. Comments say what is special about a setting, not what it means.
terraform {
  required_version = ">= 1.7"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.100.0"
    }
  }
}

variable "url" {
  type        = string
  description = "URL of the server"
}

variable "prefix" {
  type        = string
  description = "What names that must be unique begin with: lower-case letters, digits and dashes"
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
  # A failure that goes away when tried again is a failure.
  max_retries = 1

  endpoints {
    cognitoidentity = var.url
    cognitoidp      = var.url
    iam             = var.url
    sts             = var.url
  }

  default_tags {
    tags = {
      Suite = "terraform"
    }
  }
}

# Roles, functions and keys of the configurations below: names, which nothing looks up.
locals {
  role     = "arn:aws:iam::000000000000:role"
  function = "arn:aws:lambda:us-east-1:000000000000:function"
  key      = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-000000000000"
  sender   = "arn:aws:ses:us-east-1:000000000000:identity"
}
