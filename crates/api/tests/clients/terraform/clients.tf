resource "aws_cognito_user_pool_client" "minimal" {
  name         = "minimal"
  user_pool_id = aws_cognito_user_pool.rich.id
}

resource "aws_cognito_user_pool_client" "confidential" {
  name            = local.changed ? "web-2" : "web"
  user_pool_id    = aws_cognito_user_pool.rich.id
  generate_secret = true

  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = local.changed ? ["code"] : ["code", "implicit"]
  allowed_oauth_scopes = concat(
    ["openid", "email", "${aws_cognito_resource_server.api.identifier}/read"],
    local.changed ? ["${aws_cognito_resource_server.api.identifier}/change"] : ["profile", "aws.cognito.signin.user.admin"],
  )
  callback_urls        = local.changed ? ["https://app.example.com/back"] : ["https://app.example.com/", "http://localhost:3000/"]
  default_redirect_uri = local.changed ? "https://app.example.com/back" : "https://app.example.com/"
  logout_urls          = local.changed ? ["https://app.example.com/bye", "myapp://bye"] : ["https://app.example.com/out"]
  supported_identity_providers = concat(
    ["COGNITO", aws_cognito_identity_provider.oidc.provider_name],
    local.changed ? [] : [aws_cognito_identity_provider.google.provider_name],
  )

  access_token_validity  = local.changed ? 2 : 15
  id_token_validity      = local.changed ? 3600 : 20
  refresh_token_validity = local.changed ? 7 : 12
  token_validity_units {
    access_token  = local.changed ? "hours" : "minutes"
    id_token      = local.changed ? "seconds" : "minutes"
    refresh_token = local.changed ? "days" : "hours"
  }
  auth_session_validity = local.changed ? 15 : 5

  enable_propagate_additional_user_context_data = !local.changed
  enable_token_revocation                       = !local.changed
  prevent_user_existence_errors                 = local.changed ? "LEGACY" : "ENABLED"
  explicit_auth_flows = concat(
    ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
    local.changed ? ["ALLOW_ADMIN_USER_PASSWORD_AUTH"] : ["ALLOW_CUSTOM_AUTH", "ALLOW_USER_AUTH"],
  )
  read_attributes  = concat(["email", "email_verified", "custom:department"], local.changed ? ["custom:badge"] : ["name"])
  write_attributes = local.changed ? ["email", "custom:department"] : ["email", "name"]

  lifecycle {
    # What an import cannot know.
    ignore_changes = [generate_secret]
  }
}

resource "aws_cognito_user_pool_client" "rotating" {
  name                   = "mobile"
  user_pool_id           = aws_cognito_user_pool.rich.id
  explicit_auth_flows    = ["ALLOW_USER_SRP_AUTH"]
  access_token_validity  = 1
  id_token_validity      = 1
  refresh_token_validity = 10

  refresh_token_rotation {
    feature                    = local.changed ? "DISABLED" : "ENABLED"
    retry_grace_period_seconds = local.changed ? 0 : 30
  }

  # Without the block, the units go back to hours and days.
  dynamic "token_validity_units" {
    for_each = local.changed ? [] : [true]
    content {
      access_token  = "hours"
      id_token      = "days"
      refresh_token = "days"
    }
  }
}

resource "aws_cognito_user_pool_client" "machine" {
  name                                 = "machine"
  user_pool_id                         = aws_cognito_user_pool.rich.id
  generate_secret                      = true
  allowed_oauth_flows_user_pool_client = true
  allowed_oauth_flows                  = ["client_credentials"]
  allowed_oauth_scopes                 = ["${aws_cognito_resource_server.api.identifier}/read"]
  explicit_auth_flows                  = []

  lifecycle {
    ignore_changes = [generate_secret]
  }
}

resource "aws_cognito_resource_server" "api" {
  identifier   = "https://api.example.com"
  name         = "API"
  user_pool_id = aws_cognito_user_pool.rich.id

  scope {
    scope_name        = "read"
    scope_description = local.changed ? "Reads" : "Reads what there is"
  }
  scope {
    scope_name        = local.changed ? "change" : "write"
    scope_description = "Writes"
  }
}

resource "aws_cognito_resource_server" "bare" {
  identifier   = "bare"
  name         = "Without scopes"
  user_pool_id = aws_cognito_user_pool.rich.id
}
