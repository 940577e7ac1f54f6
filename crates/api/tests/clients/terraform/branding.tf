resource "aws_cognito_user_pool_domain" "classic" {
  domain       = "${var.prefix}-${local.changed ? "second" : "first"}"
  user_pool_id = aws_cognito_user_pool.rich.id
}

resource "aws_cognito_user_pool_domain" "managed" {
  domain                = "${var.prefix}-managed"
  user_pool_id          = aws_cognito_user_pool.username.id
  managed_login_version = local.changed ? 1 : 2
}

resource "aws_cognito_user_pool_ui_customization" "all" {
  # A pool must have a domain before its pages can look like something.
  user_pool_id = aws_cognito_user_pool_domain.classic.user_pool_id
  css          = <<-CSS
    .banner-customizable {
      background-color: ${local.changed ? "#fff5ee" : "#eefaff"};
    }
  CSS
  image_file   = filebase64("${path.module}/logo.png")

  lifecycle {
    # What an import cannot know.
    ignore_changes = [image_file]
  }
}

resource "aws_cognito_user_pool_ui_customization" "client" {
  user_pool_id = aws_cognito_user_pool_domain.classic.user_pool_id
  client_id    = aws_cognito_user_pool_client.minimal.id
  css          = ".submitButton-customizable { color: ${local.changed ? "white" : "black"}; }"
}
