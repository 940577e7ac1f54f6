# Every default, none of which may look like a change.
resource "aws_cognito_user_pool" "minimal" {
  name = "${var.prefix}-minimal"
}

# Every argument that can be said here.
resource "aws_cognito_user_pool" "rich" {
  name                       = "${var.prefix}-rich"
  user_pool_tier             = "PLUS"
  deletion_protection        = local.changed ? "INACTIVE" : "ACTIVE"
  auto_verified_attributes   = local.changed ? ["email", "phone_number"] : ["email"]
  mfa_configuration          = "OPTIONAL"
  sms_authentication_message = local.changed ? "{####} signs you in" : "Your sign-in code is {####}"

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_phone_number"
      priority = local.changed ? 2 : 1
    }
    recovery_mechanism {
      name     = "verified_email"
      priority = local.changed ? 1 : 2
    }
  }

  admin_create_user_config {
    allow_admin_create_user_only = !local.changed
    invite_message_template {
      email_message = local.changed ? "<p>{username}: {####}</p>" : "You are {username}, and your password is {####}."
      email_subject = local.changed ? "Come in" : "Welcome"
      sms_message   = "You are {username}, and your password is {####}."
    }
  }

  device_configuration {
    challenge_required_on_new_device      = !local.changed
    device_only_remembered_on_user_prompt = true
  }

  email_configuration {
    email_sending_account  = "DEVELOPER"
    from_email_address     = local.changed ? "noreply@example.com" : "Example <hello@example.com>"
    reply_to_email_address = local.changed ? "support@example.com" : "help@example.com"
    source_arn             = "${local.sender}/example.com"
  }

  email_mfa_configuration {
    message = local.changed ? "{####} signs you in" : "Your sign-in code is {####}"
    subject = local.changed ? "A code" : "Your code"
  }

  password_policy {
    minimum_length                   = local.changed ? 14 : 10
    password_history_size            = local.changed ? 5 : 3
    require_lowercase                = true
    require_numbers                  = !local.changed
    require_symbols                  = local.changed
    require_uppercase                = true
    temporary_password_validity_days = local.changed ? 3 : 14
  }

  schema {
    name                     = "email"
    attribute_data_type      = "String"
    developer_only_attribute = false
    mutable                  = true
    required                 = true
    string_attribute_constraints {
      min_length = 5
      max_length = 320
    }
  }
  schema {
    name                     = "department"
    attribute_data_type      = "String"
    developer_only_attribute = false
    mutable                  = true
    required                 = false
    string_attribute_constraints {
      min_length = 1
      max_length = 64
    }
  }
  schema {
    name                     = "level"
    attribute_data_type      = "Number"
    developer_only_attribute = false
    mutable                  = false
    required                 = false
    number_attribute_constraints {
      min_value = 0
      max_value = 99
    }
  }
  schema {
    name                     = "joined"
    attribute_data_type      = "DateTime"
    developer_only_attribute = false
    mutable                  = true
    required                 = false
  }
  schema {
    name                     = "staff"
    attribute_data_type      = "Boolean"
    developer_only_attribute = false
    mutable                  = true
    required                 = false
  }
  # Attributes can be added to a pool, and that is all that can happen to them.
  dynamic "schema" {
    for_each = local.changed ? ["badge"] : []
    content {
      name                     = schema.value
      attribute_data_type      = "String"
      developer_only_attribute = false
      mutable                  = true
      required                 = false
      string_attribute_constraints {
        min_length = 0
        max_length = 16
      }
    }
  }

  sign_in_policy {
    allowed_first_auth_factors = local.changed ? ["PASSWORD", "WEB_AUTHN"] : ["PASSWORD", "EMAIL_OTP", "WEB_AUTHN"]
  }

  sms_configuration {
    external_id    = local.changed ? "second" : "first"
    sns_caller_arn = "${local.role}/sms"
    sns_region     = "us-east-1"
  }

  software_token_mfa_configuration {
    enabled = true
  }

  user_attribute_update_settings {
    attributes_require_verification_before_update = local.changed ? ["email", "phone_number"] : ["email"]
  }

  user_pool_add_ons {
    advanced_security_mode = local.changed ? "AUDIT" : "ENFORCED"
    advanced_security_additional_flows {
      custom_auth_mode = local.changed ? "ENFORCED" : "AUDIT"
    }
  }

  username_configuration {
    case_sensitive = false
  }

  verification_message_template {
    default_email_option  = local.changed ? "CONFIRM_WITH_CODE" : "CONFIRM_WITH_LINK"
    email_message         = local.changed ? "<b>{####}</b> it is." : "Your code is {####}."
    email_message_by_link = local.changed ? "{##This way##}, please." : "Please {##verify your email##}."
    email_subject         = local.changed ? "Code" : "Your code"
    email_subject_by_link = local.changed ? "Link" : "Your link"
    sms_message           = local.changed ? "{####} it is." : "Your code is {####}."
  }

  web_authn_configuration {
    relying_party_id  = "auth.example.com"
    user_verification = local.changed ? "required" : "preferred"
  }

  tags = local.changed ? { Stage = "second", Team = "identity" } : { Stage = "first", Owner = "ada" }
}

# Names that sign in besides the username, and the older arguments for the words of messages.
resource "aws_cognito_user_pool" "alias" {
  name                       = "${var.prefix}-alias"
  alias_attributes           = ["email", "preferred_username"]
  user_pool_tier             = local.changed ? "ESSENTIALS" : "LITE"
  email_verification_message = local.changed ? "{####} it is." : "Your code is {####}."
  email_verification_subject = local.changed ? "Code" : "Your code"
  sms_verification_message   = local.changed ? "{####} it is." : "Your code is {####}."

  username_configuration {
    case_sensitive = true
  }
}

resource "aws_cognito_user_pool" "username" {
  name                     = "${var.prefix}-username"
  username_attributes      = ["email"]
  auto_verified_attributes = local.changed ? [] : ["email"]

  email_configuration {
    email_sending_account  = local.changed ? "DEVELOPER" : "COGNITO_DEFAULT"
    reply_to_email_address = "help@example.com"
    source_arn             = local.changed ? "${local.sender}/hello@example.com" : null
  }

  account_recovery_setting {
    recovery_mechanism {
      name     = local.changed ? "admin_only" : "verified_email"
      priority = 1
    }
  }
}

# From MFA for everybody to none.
resource "aws_cognito_user_pool" "mfa" {
  name              = "${var.prefix}-mfa"
  mfa_configuration = local.changed ? "OFF" : "ON"

  dynamic "software_token_mfa_configuration" {
    for_each = local.changed ? [] : [true]
    content {
      enabled = software_token_mfa_configuration.value
    }
  }
}

resource "aws_cognito_user_pool" "triggered" {
  name = "${var.prefix}-triggered"

  lambda_config {
    create_auth_challenge          = "${local.function}:create"
    custom_message                 = "${local.function}:message"
    define_auth_challenge          = "${local.function}:define"
    kms_key_id                     = local.key
    post_authentication            = "${local.function}:authenticated"
    post_confirmation              = local.changed ? null : "${local.function}:confirmed"
    pre_authentication             = "${local.function}:authenticating"
    pre_sign_up                    = "${local.function}:${local.changed ? "joins" : "signs-up"}"
    user_migration                 = local.changed ? "${local.function}:migration" : null
    verify_auth_challenge_response = "${local.function}:verify"

    custom_email_sender {
      lambda_arn     = "${local.function}:${local.changed ? "post" : "email"}"
      lambda_version = "V1_0"
    }
    custom_sms_sender {
      lambda_arn     = "${local.function}:sms"
      lambda_version = "V1_0"
    }
    pre_token_generation_config {
      lambda_arn     = "${local.function}:token"
      lambda_version = local.changed ? "V1_0" : "V2_0"
    }
  }
}

# Blocks that go away, and settings with them.
resource "aws_cognito_user_pool" "shrinking" {
  name                     = "${var.prefix}-shrinking"
  auto_verified_attributes = ["email"]
  tags                     = local.changed ? null : { Stage = "first" }

  dynamic "device_configuration" {
    for_each = local.changed ? [] : [true]
    content {
      challenge_required_on_new_device      = true
      device_only_remembered_on_user_prompt = false
    }
  }
  dynamic "lambda_config" {
    for_each = local.changed ? [] : [true]
    content {
      pre_sign_up          = "${local.function}:signs-up"
      pre_token_generation = "${local.function}:token"
    }
  }
  dynamic "user_attribute_update_settings" {
    for_each = local.changed ? [] : [true]
    content {
      attributes_require_verification_before_update = ["email"]
    }
  }
  dynamic "web_authn_configuration" {
    for_each = local.changed ? [] : [true]
    content {
      relying_party_id  = "auth.example.com"
      user_verification = "preferred"
    }
  }
}
