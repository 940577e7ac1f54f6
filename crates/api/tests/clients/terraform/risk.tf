resource "aws_cognito_risk_configuration" "pool" {
  user_pool_id = aws_cognito_user_pool.rich.id

  account_takeover_risk_configuration {
    actions {
      low_action {
        event_action = "NO_ACTION"
        notify       = false
      }
      dynamic "medium_action" {
        for_each = local.changed ? [] : [true]
        content {
          event_action = "MFA_IF_CONFIGURED"
          notify       = true
        }
      }
      high_action {
        event_action = local.changed ? "MFA_REQUIRED" : "BLOCK"
        notify       = true
      }
    }
    notify_configuration {
      from       = local.changed ? "safety@example.com" : "security@example.com"
      reply_to   = "help@example.com"
      source_arn = "${local.sender}/example.com"
      block_email {
        html_body = "<p>We have stopped somebody.</p>"
        subject   = local.changed ? "Stopped" : "Blocked"
        text_body = "We have stopped somebody."
      }
      mfa_email {
        html_body = "<p>We have asked for a code.</p>"
        subject   = "Asked"
        text_body = "We have asked for a code."
      }
      no_action_email {
        html_body = "<p>Was this you?</p>"
        subject   = "New sign-in"
        text_body = "Was this you?"
      }
    }
  }

  compromised_credentials_risk_configuration {
    event_filter = local.changed ? ["SIGN_IN"] : ["SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"]
    actions {
      event_action = "BLOCK"
    }
  }

  risk_exception_configuration {
    blocked_ip_range_list = local.changed ? ["192.0.2.0/24"] : ["192.0.2.0/24", "198.51.100.0/24"]
    skipped_ip_range_list = ["203.0.113.0/24"]
  }
}

resource "aws_cognito_risk_configuration" "client" {
  user_pool_id = aws_cognito_user_pool.rich.id
  client_id    = aws_cognito_user_pool_client.minimal.id

  # Every event is looked at unless some are named.
  compromised_credentials_risk_configuration {
    actions {
      event_action = local.changed ? "NO_ACTION" : "BLOCK"
    }
  }

  dynamic "risk_exception_configuration" {
    for_each = local.changed ? [] : [true]
    content {
      skipped_ip_range_list = ["203.0.113.0/24"]
    }
  }
}
