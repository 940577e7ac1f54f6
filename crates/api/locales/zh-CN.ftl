# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = 登录
sign-in-lead = 以继续使用 { $app }
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = 用户名
label-email = 电子邮件地址
label-phone = 电话号码
label-email-or-phone = 电子邮件地址或电话号码
label-password = 密码
button-sign-in = 登录
link-forgot-password = 忘记密码？
# Leads to the page where somebody makes an account.
no-account = 第一次来？
link-sign-up = 创建账号
signed-in-as = 你已以 { $name } 的身份登录。
button-continue-as = 以 { $name } 的身份继续
link-other-account = 使用其他账号

link-other-way = 用其他方式登录
choose-title = 你想用哪种方式登录？
choice-password = 密码
choice-passkey = 通行密钥
choice-email = 电子邮件验证码
choice-sms = 短信验证码
password-title = 输入你的密码
passkey-title = 使用你的通行密钥
passkey-lead = 浏览器会请你确认是你本人。
button-passkey = 使用通行密钥
passkey-needs-script = 通行密钥需要 JavaScript，但它在此浏览器中已关闭。请选择其他登录方式。
passkey-failed = 这个通行密钥没有成功。请重试，或选择其他方式。

## One-time codes

code-title = 输入你的验证码
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = 我们已将验证码发送至 { $destination }。
code-app = 请输入身份验证器应用中显示的验证码。
# $name is what the user calls the authenticator app.
code-app-named = 请输入 { $name } 中显示的验证码。
label-code = 验证码
button-continue = 继续
button-busy = 请稍候…
link-start-over = 重新开始

## Choosing and setting up a second factor

select-title = 你想用哪种方式确认是你本人？
factor-app = 身份验证器应用
factor-sms = 短信
factor-email = 电子邮件
other-factor-lead = 其他方式：
setup-title = 保护你的账号
setup-lead = 你的账号在登录时需要第二个步骤。请选择一种进行设置。
setup-app-title = 设置你的身份验证器应用
setup-app-lead = 请用应用扫描此图，或手动输入密钥，然后输入应用中显示的验证码。
setup-app-key = 密钥
setup-email-lead = 我们应该把验证码发送到哪个电子邮件地址？
setup-sms-lead = 我们应该把验证码发送到哪个电话号码？
setup-app-image = 用于身份验证器应用的二维码

## New passwords

new-password-title = 设置新密码
new-password-lead = 你之前的密码是临时密码。
label-new-password = 新密码
button-save-password = 保存密码
rules-title = 你的密码需要包含
rule-length = 至少 { $count } 个字符
rule-upper = 一个大写字母
rule-lower = 一个小写字母
rule-digit = 一个数字
rule-symbol = 一个符号，例如 ! 或 -
button-show-password = 显示密码
button-hide-password = 隐藏密码

## Making an account

sign-up-title = 创建你的账号
button-sign-up = 创建账号
have-account = 已经有账号了？
link-sign-in = 登录
confirm-title = 确认你的账号
confirm-lead = 请输入我们发送给你的验证码。
button-confirm = 确认账号
resend-lead = 没有收到验证码？
button-resend = 发送新的验证码
button-resend-in = { $time } 后发送新的验证码
code-resent = 新的验证码正在发送，很快就到。
confirmed = 你的账号已准备就绪，现在可以登录了。
waits-title = 你的账号已创建
waits-lead = 账号还需要为你开通，之后你就可以登录了。

## Attributes, by the names that OpenID Connect gives them

attribute-address = 地址
attribute-birthdate = 出生日期
attribute-email = 电子邮件地址
attribute-family_name = 姓氏
attribute-gender = 性别
attribute-given_name = 名字
attribute-locale = 语言
attribute-middle_name = 中间名
attribute-name = 全名
attribute-nickname = 昵称
attribute-phone_number = 电话号码
attribute-picture = 图片（网址）
attribute-preferred_username = 显示名称
attribute-profile = 个人资料（网址）
attribute-website = 网站
attribute-zoneinfo = 时区
hint-phone = 请加上国家/地区代码，例如 +1 555 0100。
hint-date = 年、月、日，例如 2001-12-31。
label-country = 国家或地区

## Forgotten passwords

forgot-title = 重置你的密码
forgot-lead = 我们会发送一个验证码，供你设置新密码。
button-send-code = 发送验证码
reset-title = 设置新密码
reset-lead = 如果存在这样的账号，我们已将验证码发送至 { $destination }。
button-reset = 保存密码
password-saved = 你的密码已更改，请用新密码登录。

## Passkeys on an account

add-passkey-title = 添加通行密钥
add-passkey-lead = 下次你可以用指纹、面容或屏幕锁定来登录。
button-add-passkey = 添加通行密钥
link-not-now = 以后再说

## Signing out

signed-out-title = 你已退出登录
signed-out-lead = 你可以关闭此页面了。
sign-out-title = 要退出登录吗？
sign-out-lead = 之后你需要在此浏览器中重新登录。
button-sign-out = 退出登录

## The foot of each page

language-label = 语言
button-choose-language = 使用此语言

## What went wrong

error-summary = 请检查以下内容
error-title = 出了点问题
error-lead = 请返回应用，然后重试。
error-client-title = 我们不认识这个应用
error-client-lead = 带你来到这里的链接没有指明我们认识的应用。请返回，然后重试。
error-redirect-title = 这个链接无法带你返回
error-redirect-lead = 应用要求我们把你带到一个它没有登记过的地址。应用的开发者可以解决这个问题。
error-request-title = 这个链接不正确
error-request-lead = 链接中缺少了某些内容，或有内容重复出现。请返回应用，然后重试。
error-busy = 现在有点繁忙，请稍后再试。
wrong-password = 这个名称和密码不匹配，请重试。
unknown-user = 没有使用这个名称的账号。
too-many = 尝试次数过多，请过一会儿再试。
user-disabled = 此账号已停用。
must-reset = 你需要先更改密码才能登录。我们可以为此给你发送一个验证码。
temporary-expired = 你的临时密码已过期。请向给你密码的人要一个新的。
wrong-code = 这个验证码不正确。请检查后重试。
expired-code = 这个验证码已过期或已被使用。我们可以发送一个新的。
used-code = 这个验证码已被使用。请等待下一个。
session-expired = 用的时间有点长了，请重新登录。
page-expired = 此页面已经打开了一段时间，请重试。
not-permitted = 你无法在这里自行创建账号。
name-taken = 已经有使用这个名称的账号了。
address-taken = 已经有使用这个联系方式的账号了。
password-rules = 这个密码不符合下面的要求。
password-leaked = 已知这个密码曾经泄露过，请换一个密码。
password-used = 你以前用过这个密码，请换一个密码。
cannot-send = 我们无法向此账号发送验证码。账号的管理员可以提供帮助。
not-set-up = 此账号没有可以确认是你本人的方式。账号的管理员可以提供帮助。
blocked = 目前我们无法让你从这里登录。应用的管理员可以提供帮助。
already-confirmed = 此账号已经确认过了，你可以登录。
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = 请检查你输入的内容：{ $reason }
unfit-missing = { $label }：请填写此项。
unfit-email = { $label }：请输入像 ada@example.com 这样的地址。
unfit-phone = { $label }：请输入带国家/地区代码的号码，例如 +1 555 0100。
unfit-address = { $label }：请输入像 ada@example.com 这样的地址，或像 +1 555 0100 这样的号码。
unfit-name = { $label }：请选择不含空格、最多 256 个字符的名称。
unfit-like-email = { $label }：请选择不像电子邮件地址的名称。
unfit-like-phone = { $label }：请选择不像电话号码的名称。
unfit-fixed = { $label }：此项不能在这里更改。
unfit-short = { $label }：请至少输入 { $count } 个字符。
unfit-long = { $label }：请最多输入 { $count } 个字符。
unfit-date = { $label }：请输入年、月、日，例如 2001-12-31。
unfit-number = { $label }：请输入整数。
unfit-small = { $label }：请输入 { $count } 或更大的数。
unfit-large = { $label }：请输入 { $count } 或更小的数。
unfit-boolean = { $label }：请输入 true 或 false。
unfit-time = { $label }：请输入日期和时间，例如 2001-12-31T18:30:00Z。

agreement = 注册即表示您同意我们的{ $terms }和{ $privacy }。
link-terms = 使用条款
link-privacy = 隐私政策
stranger = “{ $app }”是自行注册的应用，无人审核。如果继续，它会知道你是谁，并把你带到 { $place }。
stranger-scopes = 它还可以代表你执行：{ $scopes }。

link-confirm-title = 确认你的地址
link-confirm-lead = 按一下按钮，你的账号就可以使用了。
link-confirmed-title = 你的账号已可使用
link-confirmed-lead = 你可以关闭此页面并登录。
link-old-title = 此链接已失效
link-confirm-old = 它可能已被使用，或者已发送了新的链接。请登录，或索取新的链接。
feedback-title = 关于那次登录
feedback-valid = 你表示那是你本人。从此我们会认得该设备和地点。
feedback-invalid = 你表示那不是你本人。如果还可以，请同时更改密码。
button-was-me = 是我
button-was-not-me = 不是我
feedback-done-title = 谢谢
feedback-done-lead = 你可以关闭此页面。
feedback-old = 它可能太旧了。你随时可以更改密码。

## The account

account-title = 你的账户
link-keep = 保持不变
link-back-to-app = 返回 { $app }
account-profile = 关于你
button-edit = 编辑
state-unconfirmed = 尚未确认
button-confirm-address = 确认
password-is-set = 你使用密码登录。
password-is-missing = 你还没有密码。
button-change = 更改密码
button-set-password = 设置密码
account-factors = 登录时的第二步验证
account-factors-lead = 即使他人知道你的密码，第二步验证也能将其拒之门外。
button-set-up = 设置
button-another-app = 设置另一个应用
button-ask-first = 优先使用此方式
button-turn-on = 开启
button-turn-off = 关闭
state-on = 已开启
state-off = 已关闭
state-first = 优先使用
account-passkeys = 通行密钥
passkey-of-device = 设备上的通行密钥
passkey-portable = 随身携带的通行密钥
added-on = 添加于 { $date }
button-remove = 移除
account-devices = 设备
unknown-device = 未知设备
last-used-on = 上次使用于 { $date }
button-forget = 忘记
account-sessions = 你已登录的位置
account-sessions-untracked = 如果你丢失了设备，请在所有位置退出登录。
this-browser = 此浏览器
button-sign-out-everywhere = 在所有位置退出登录
profile-title = 关于你
button-save = 保存
profile-saved = 你的更改已保存。
address-title = 确认你的地址
address-confirmed = 你的地址已确认。
change-password-title = 更改你的密码
label-current-password = 当前密码
wrong-current-password = 这不是你当前的密码。请重试。
password-changed = 你的密码已更改。你已在其他所有位置退出登录。
factor-turned-on = 登录时将要求进行第二步验证。
factor-turned-off = 以后不再要求此验证。
factor-needed = 你的账户需要第二步验证。请先开启另一种方式。
remove-passkey-title = 移除此通行密钥？
remove-passkey-lead = 你将无法再用它登录：{ $name }。
passkey-removed = 通行密钥已移除。
forget-device-title = 忘记此设备？
forget-device-lead = 下次需要重新证明它属于你：{ $name }。
device-forgotten = 设备已忘记。
end-session-title = 在那里退出登录？
end-session-lead = 使用者需要重新登录：{ $name }。
session-ended = 你已在那里退出登录。
turn-off-title = 关闭此第二步验证？
turn-off-lead = 登录时将不再要求：{ $name }。
sign-out-everywhere-title = 在所有位置退出登录？
sign-out-everywhere-lead = 你需要在所有设备上重新登录，包括这台设备。
no-account-title = 此处没有账户页面
no-account-lead = 此应用不在这里显示账户。请返回应用。
address-needed = 登录验证码会发送到该地址。请先关闭该第二步验证。

## Devices without a browser

device-title = 连接设备
device-lead = 请输入设备上显示的代码。
label-device-code = 设备上的代码
device-code-wrong = 代码不正确或已过期。请查看设备。
allow-device-title = 要连接此设备吗？
allow-device-lead = 另一台设备上的“{ $app }”想以 { $name } 的身份登录。
allow-device-caution = 只有当这是你自己发起的，并且你的设备显示 { $code } 时，才继续。
button-allow-device = 连接
button-refuse-device = 不连接
device-allowed-title = 设备已连接
device-allowed-lead = 请在设备上继续。你可以关闭此页面。
device-refused-title = 设备未连接
device-refused-lead = 你可以关闭此页面。
device-old-title = 此代码已失效
device-old-lead = 请在设备上重新开始，它会显示另一个代码。

## Messages that are asked for at a page

message-code-subject = 你的验证码
message-code = 你的验证码是 { $code }。
message-link-subject = 确认你的邮箱地址
message-link = 请打开此链接以确认你的邮箱地址。{ $link }
message-link-text = 确认地址
message-sign-in-subject = 你的登录验证码
message-sign-in = 你的登录验证码是 { $code }。
