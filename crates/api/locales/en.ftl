# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = Sign in
sign-in-lead = to continue to { $app }
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = Username
label-email = Email address
label-phone = Phone number
label-email-or-phone = Email address or phone number
label-password = Password
button-sign-in = Sign in
link-forgot-password = Forgot your password?
# Leads to the page where somebody makes an account.
no-account = New here?
link-sign-up = Create an account
signed-in-as = You are signed in as { $name }.
button-continue-as = Continue as { $name }
link-other-account = Use another account

link-other-way = Sign in another way
choose-title = How would you like to sign in?
choice-password = Password
choice-passkey = Passkey
choice-email = Code by email
choice-sms = Code by text message
password-title = Enter your password
passkey-title = Use your passkey
passkey-lead = Your browser will ask you to confirm that it is you.
button-passkey = Use passkey
passkey-needs-script = Passkeys need JavaScript, which is switched off in this browser. Choose another way to sign in.
passkey-failed = That passkey did not work. Try again, or choose another way.

## One-time codes

code-title = Enter your code
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = We sent a code to { $destination }.
code-app = Enter the code that your authenticator app shows.
# $name is what the user calls the authenticator app.
code-app-named = Enter the code that { $name } shows.
label-code = Code
button-continue = Continue
# On a button that was pressed, where what it does takes a while.
button-busy = One moment…
link-start-over = Start over

## Choosing and setting up a second factor

select-title = How would you like to confirm it is you?
factor-app = Authenticator app
factor-sms = Text message
factor-email = Email
# Stands before the names of other second steps, which are buttons.
other-factor-lead = Another way:
setup-title = Protect your account
setup-lead = Your account needs a second step at sign-in. Choose one to set up.
setup-app-title = Set up your authenticator app
setup-app-lead = Scan this with the app, or enter the key by hand. Then enter the code that the app shows.
setup-app-key = Key
setup-email-lead = Which email address should we send codes to?
setup-sms-lead = Which phone number should we send codes to?
setup-app-image = A QR code for your authenticator app

## New passwords

new-password-title = Choose a new password
new-password-lead = Your password was a temporary one.
label-new-password = New password
button-save-password = Save password
rules-title = Your password needs
rule-length =
    { $count ->
        [one] at least one character
       *[other] at least { $count } characters
    }
rule-upper = a capital letter
rule-lower = a small letter
rule-digit = a digit
rule-symbol = a symbol, such as ! or -
button-show-password = Show password
button-hide-password = Hide password

## Making an account

sign-up-title = Create your account
button-sign-up = Create account
have-account = Already have an account?
link-sign-in = Sign in
confirm-title = Confirm your account
confirm-lead = Enter the code that we sent you.
button-confirm = Confirm account
resend-lead = No code?
button-resend = Send a new code
# The same button until the code before had time to come; $time is such as 0:29.
button-resend-in = Send a new code in { $time }
code-resent = A new code is on its way.
confirmed = Your account is ready. You can sign in now.
waits-title = Your account was created
waits-lead = It will be opened for you before you can sign in.

## Attributes, by the names that OpenID Connect gives them

attribute-address = Address
attribute-birthdate = Date of birth
attribute-email = Email address
attribute-family_name = Last name
attribute-gender = Gender
attribute-given_name = First name
attribute-locale = Language
attribute-middle_name = Middle name
attribute-name = Full name
attribute-nickname = Nickname
attribute-phone_number = Phone number
attribute-picture = Picture (a web address)
attribute-preferred_username = Display name
attribute-profile = Profile (a web address)
attribute-website = Website
attribute-zoneinfo = Time zone
hint-phone = With the country code, such as +1 555 0100.
hint-date = Year, month and day, such as 2001-12-31.
# Of the list of countries beside a phone number.
label-country = Country

## Forgotten passwords

forgot-title = Reset your password
forgot-lead = We will send you a code to choose a new one with.
button-send-code = Send code
reset-title = Choose a new password
reset-lead = If there is such an account, we sent a code to { $destination }.
button-reset = Save password
password-saved = Your password was changed. Sign in with the new one.

## Passkeys on an account

add-passkey-title = Add a passkey
add-passkey-lead = Next time you can sign in with your fingerprint, your face or your screen lock.
button-add-passkey = Add passkey
link-not-now = Not now

## Signing out

signed-out-title = You are signed out
signed-out-lead = You can close this page.
sign-out-title = Sign out?
sign-out-lead = You will have to sign in again on this browser.
button-sign-out = Sign out

## The foot of each page

language-label = Language
button-choose-language = Use this language

## What went wrong

error-summary = Please check this
error-title = Something went wrong
error-lead = Go back to the app and try again.
error-client-title = We do not know this app
error-client-lead = The link that brought you here does not name an app that we know. Go back and try again.
error-redirect-title = This link does not lead back
error-redirect-lead = The app asked us to send you to an address that it has not registered. Its makers can set that right.
error-request-title = This link is not right
error-request-lead = Something in it is missing or comes twice. Go back to the app and try again.
error-busy = A lot is going on right now. Please try again in a moment.
wrong-password = That name and password do not go together. Please try again.
unknown-user = There is no account of that name.
too-many = Too many attempts. Please wait a while and try again.
user-disabled = This account is switched off.
must-reset = Your password must be changed before you can sign in. We can send you a code for that.
temporary-expired = Your temporary password has expired. Ask whoever gave it to you for a new one.
wrong-code = That code is not right. Please check it and try again.
expired-code = That code has expired or was used already. We can send a new one.
used-code = That code was used already. Wait for the next one.
session-expired = That took a little too long. Please sign in again.
page-expired = This page was open for a while. Please try again.
not-permitted = You cannot create an account here yourself.
name-taken = There is an account of that name already.
address-taken = There is an account with that address already.
password-rules = That password does not follow the rules below.
password-leaked = That password is known to have leaked. Please choose another one.
password-used = You have used that password before. Please choose another one.
cannot-send = We cannot send a code to this account. Its administrator can help.
not-set-up = There is no way for this account to confirm it is you. Its administrator can help.
blocked = We cannot sign you in from here right now. The administrator of the app can help.
already-confirmed = This account is confirmed already. You can sign in.
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = Please check what you entered: { $reason }
# What does not fit in a form: $label is the name of the field, $count a number.
unfit-missing = { $label }: please fill this in.
unfit-email = { $label }: please enter an address such as ada@example.com.
unfit-phone = { $label }: please enter a number with its country code, such as +1 555 0100.
unfit-address = { $label }: please enter an address such as ada@example.com, or a number such as +1 555 0100.
unfit-name = { $label }: please choose a name without blanks, of at most 256 characters.
unfit-like-email = { $label }: please choose a name that does not look like an email address.
unfit-like-phone = { $label }: please choose a name that does not look like a phone number.
unfit-fixed = { $label }: this cannot be changed here.
unfit-short = { $label }: at least { $count } characters, please.
unfit-long = { $label }: at most { $count } characters, please.
unfit-date = { $label }: please enter year, month and day, such as 2001-12-31.
unfit-number = { $label }: please enter a whole number.
unfit-small = { $label }: please enter { $count } or more.
unfit-large = { $label }: please enter { $count } or less.
unfit-boolean = { $label }: please enter true or false.
unfit-time = { $label }: please enter a date and time, such as 2001-12-31T18:30:00Z.

# Below the sign-up form; the two places are links.
agreement = By signing up, you agree to our { $terms } and { $privacy }.
link-terms = Terms of use
link-privacy = Privacy policy
# Of an app that anybody may have registered; $place is the host that it leads to.
stranger = { $app } has registered itself here; nobody has looked at it. If you go on, it learns who you are, and you are taken to { $place }.
# $scopes are names such as api/read.
stranger-scopes = It may also act for you: { $scopes }.

## Where links in messages lead

link-confirm-title = Confirm your address
link-confirm-lead = One press of the button, and your account is ready.
link-confirmed-title = Your account is ready
link-confirmed-lead = You can close this page and sign in.
link-old-title = This link no longer works
link-confirm-old = It may have been used already, or a newer one was sent. Sign in, or ask for a new one.
feedback-title = About that sign-in
feedback-valid = You say that it was you. The device and the place will be known from then on.
feedback-invalid = You say that it was not you. Change your password as well, if you still can.
button-was-me = It was me
button-was-not-me = It was not me
feedback-done-title = Thank you
feedback-done-lead = You can close this page.
feedback-old = It may be too old. You can always change your password.

## The account

# The heading of the page on which people see and change their own account.
account-title = Your account
# Leaves a form without changing anything.
link-keep = Leave it as it is
# $app is what the app calls itself.
link-back-to-app = Back to { $app }
# What people say of themselves.
account-profile = About you
button-edit = Edit
# Stands beside an email address or a phone number.
state-unconfirmed = Not confirmed yet
# Sends a code to that address.
button-confirm-address = Confirm
password-is-set = You sign in with a password.
password-is-missing = You have no password yet.
button-change = Change password
button-set-password = Set a password
# The heading over the second steps: authenticator app, text message, email.
account-factors = Second step at sign-in
account-factors-lead = A second step keeps others out, even if they know your password.
button-set-up = Set up
# Sets up another authenticator app in place of the one in use.
button-another-app = Set up another app
button-ask-first = Ask for this first
button-turn-on = Turn on
button-turn-off = Turn off
# Stands beside a second step that is asked for at sign-in.
state-on = On
state-off = Off
# Stands beside the one of several second steps that is asked for first.
state-first = Asked for first
account-passkeys = Passkeys
# A passkey that is kept on one device.
passkey-of-device = Passkey on a device
# A passkey on a security key or a phone, which is used with several devices.
passkey-portable = Passkey that you carry with you
# $date is a day such as 2026-11-27.
added-on = Added on { $date }
button-remove = Remove
account-devices = Devices
unknown-device = Unknown device
last-used-on = Last used on { $date }
button-forget = Forget
# The heading over browsers and apps.
account-sessions = Where you are signed in
account-sessions-untracked = If you have lost a device, sign out everywhere.
this-browser = This browser
button-sign-out-everywhere = Sign out everywhere
profile-title = About you
button-save = Save
profile-saved = Your changes were saved.
address-title = Confirm your address
address-confirmed = Your address is confirmed.
change-password-title = Change your password
label-current-password = Current password
wrong-current-password = That is not your current password. Please try again.
password-changed = Your password was changed. Wherever else you were signed in, you are signed out.
factor-turned-on = You will be asked for a second step when you sign in.
factor-turned-off = You will no longer be asked for that.
factor-needed = Your account needs a second step. Turn on another one first.
remove-passkey-title = Remove this passkey?
# $name is what the passkey is called.
remove-passkey-lead = You can no longer sign in with it: { $name }.
passkey-removed = The passkey was removed.
forget-device-title = Forget this device?
# $name is what the device is called.
forget-device-lead = Next time it has to prove that it is yours: { $name }.
device-forgotten = The device was forgotten.
end-session-title = Sign out there?
# $name is a browser or device, such as Firefox on Linux.
end-session-lead = Whoever uses it has to sign in again: { $name }.
session-ended = You are signed out there.
turn-off-title = Turn off this second step?
# $name is the second step, such as Text message.
turn-off-lead = You will no longer be asked for it at sign-in: { $name }.
sign-out-everywhere-title = Sign out everywhere?
sign-out-everywhere-lead = You have to sign in again on all of your devices, and on this one too.
no-account-title = No account page here
no-account-lead = This app does not show accounts here. Go back to it.
# Codes of a second step go to an address that somebody is about to remove.
address-needed = Codes at sign-in go to that address. Turn that second step off first.

## Devices without a browser

# The heading of the page for the code that a television or the like shows.
device-title = Connect a device
device-lead = Enter the code that your device shows.
label-device-code = Code on the device
device-code-wrong = That code is not right, or it has expired. Please check the device.
allow-device-title = Connect this device?
# $app is what the app calls itself, $name the user.
allow-device-lead = { $app } on another device wants to sign in as { $name }.
# $code is such as WDJB-MJHT.
allow-device-caution = Go on only if you started this yourself and your device shows { $code }.
# Lets the device sign in.
button-allow-device = Connect
button-refuse-device = Do not connect
device-allowed-title = Your device is connected
device-allowed-lead = Go on at the device. You can close this page.
device-refused-title = The device was not connected
device-refused-lead = You can close this page.
device-old-title = That code no longer works
device-old-lead = Start again on the device. It will show another code.

## Messages that are asked for at a page

# Of emails; text messages have none. What proves an address, or resets a password.
message-code-subject = Your verification code
message-code = Your verification code is { $code }.
message-link-subject = Your verification link
# $link is a link of the text below.
message-link = Please click the link below to verify your email address. { $link }
message-link-text = Verify Email
message-sign-in-subject = Your authentication code
message-sign-in = Your authentication code is { $code }.
