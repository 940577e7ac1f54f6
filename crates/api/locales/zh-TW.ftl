# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = 登入
sign-in-lead = 以繼續使用 { $app }
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = 使用者名稱
label-email = 電子郵件地址
label-phone = 電話號碼
label-email-or-phone = 電子郵件地址或電話號碼
label-password = 密碼
button-sign-in = 登入
link-forgot-password = 忘記密碼？
# Leads to the page where somebody makes an account.
no-account = 第一次來嗎？
link-sign-up = 建立帳號
signed-in-as = 你已用 { $name } 的身分登入。
button-continue-as = 以 { $name } 的身分繼續
link-other-account = 使用其他帳號

link-other-way = 以其他方式登入
choose-title = 你想用哪種方式登入？
choice-password = 密碼
choice-passkey = 密碼金鑰
choice-email = 電子郵件驗證碼
choice-sms = 簡訊驗證碼
password-title = 輸入你的密碼
passkey-title = 使用你的密碼金鑰
passkey-lead = 瀏覽器會請你確認是你本人。
button-passkey = 使用密碼金鑰
passkey-needs-script = 密碼金鑰需要 JavaScript，但這個瀏覽器已將它關閉。請選擇其他登入方式。
passkey-failed = 這個密碼金鑰沒有成功。請再試一次，或選擇其他方式。

## One-time codes

code-title = 輸入你的驗證碼
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = 我們已將驗證碼傳送到 { $destination }。
code-app = 請輸入驗證器應用程式顯示的驗證碼。
# $name is what the user calls the authenticator app.
code-app-named = 請輸入 { $name } 顯示的驗證碼。
label-code = 驗證碼
button-continue = 繼續
button-busy = 請稍候…
link-start-over = 重新開始

## Choosing and setting up a second factor

select-title = 你想用哪種方式確認是你本人？
factor-app = 驗證器應用程式
factor-sms = 簡訊
factor-email = 電子郵件
other-factor-lead = 其他方式：
setup-title = 保護你的帳號
setup-lead = 你的帳號在登入時需要第二個步驟。請選擇一種來設定。
setup-app-title = 設定你的驗證器應用程式
setup-app-lead = 請用應用程式掃描這張圖，或手動輸入金鑰，然後輸入應用程式顯示的驗證碼。
setup-app-key = 金鑰
setup-email-lead = 我們該把驗證碼傳送到哪個電子郵件地址？
setup-sms-lead = 我們該把驗證碼傳送到哪個電話號碼？
setup-app-image = 供驗證器應用程式使用的 QR 碼

## New passwords

new-password-title = 設定新密碼
new-password-lead = 你之前的密碼是暫時的密碼。
label-new-password = 新密碼
button-save-password = 儲存密碼
rules-title = 你的密碼需要包含
rule-length = 至少 { $count } 個字元
rule-upper = 一個大寫字母
rule-lower = 一個小寫字母
rule-digit = 一個數字
rule-symbol = 一個符號，例如 ! 或 -
button-show-password = 顯示密碼
button-hide-password = 隱藏密碼

## Making an account

sign-up-title = 建立你的帳號
button-sign-up = 建立帳號
have-account = 已經有帳號了嗎？
link-sign-in = 登入
confirm-title = 確認你的帳號
confirm-lead = 請輸入我們傳送給你的驗證碼。
button-confirm = 確認帳號
resend-lead = 沒有收到驗證碼嗎？
button-resend = 傳送新的驗證碼
button-resend-in = { $time } 後傳送新的驗證碼
code-resent = 新的驗證碼已經在路上了。
confirmed = 你的帳號已經準備好，現在可以登入了。
waits-title = 你的帳號已建立
waits-lead = 帳號還需要為你開通，之後你就可以登入了。

## Attributes, by the names that OpenID Connect gives them

attribute-address = 地址
attribute-birthdate = 出生日期
attribute-email = 電子郵件地址
attribute-family_name = 姓氏
attribute-gender = 性別
attribute-given_name = 名字
attribute-locale = 語言
attribute-middle_name = 中間名
attribute-name = 全名
attribute-nickname = 暱稱
attribute-phone_number = 電話號碼
attribute-picture = 圖片（網址）
attribute-preferred_username = 顯示名稱
attribute-profile = 個人檔案（網址）
attribute-website = 網站
attribute-zoneinfo = 時區
hint-phone = 請加上國碼，例如 +1 555 0100。
hint-date = 年、月、日，例如 2001-12-31。
label-country = 國家或地區

## Forgotten passwords

forgot-title = 重設你的密碼
forgot-lead = 我們會傳送一組驗證碼，讓你設定新密碼。
button-send-code = 傳送驗證碼
reset-title = 設定新密碼
reset-lead = 如果有這樣的帳號，我們已將驗證碼傳送到 { $destination }。
button-reset = 儲存密碼
password-saved = 你的密碼已變更，請用新密碼登入。

## Passkeys on an account

add-passkey-title = 新增密碼金鑰
add-passkey-lead = 下次你可以用指紋、臉部或螢幕鎖定來登入。
button-add-passkey = 新增密碼金鑰
link-not-now = 以後再說

## Signing out

signed-out-title = 你已登出
signed-out-lead = 你可以關閉這個頁面了。
sign-out-title = 要登出嗎？
sign-out-lead = 之後你需要在這個瀏覽器重新登入。
button-sign-out = 登出

## The foot of each page

language-label = 語言
button-choose-language = 使用這個語言

## What went wrong

error-summary = 請檢查以下內容
error-title = 發生了一點問題
error-lead = 請返回應用程式，再試一次。
error-client-title = 我們不認識這個應用程式
error-client-lead = 帶你來到這裡的連結沒有指出我們認識的應用程式。請返回，再試一次。
error-redirect-title = 這個連結無法帶你返回
error-redirect-lead = 應用程式要我們把你帶到一個它沒有登記過的網址。應用程式的開發者可以處理這個問題。
error-request-title = 這個連結不正確
error-request-lead = 連結中少了某些內容，或有內容重複出現。請返回應用程式，再試一次。
error-busy = 現在有點忙碌，請稍後再試。
wrong-password = 這個名稱和密碼不相符，請再試一次。
unknown-user = 沒有使用這個名稱的帳號。
too-many = 嘗試次數過多，請過一會兒再試。
user-disabled = 這個帳號已停用。
must-reset = 你需要先變更密碼才能登入。我們可以為此傳送驗證碼給你。
temporary-expired = 你的暫時密碼已過期。請向給你密碼的人要一組新的。
wrong-code = 這組驗證碼不正確。請檢查後再試一次。
expired-code = 這組驗證碼已過期或已經用過。我們可以傳送一組新的。
used-code = 這組驗證碼已經用過。請等待下一組。
session-expired = 花的時間有點久了，請重新登入。
page-expired = 這個頁面已經開啟一段時間，請再試一次。
not-permitted = 你無法在這裡自行建立帳號。
name-taken = 已經有使用這個名稱的帳號了。
address-taken = 已經有使用這個聯絡方式的帳號了。
password-rules = 這個密碼不符合下面的規則。
password-leaked = 已知這個密碼曾經外洩，請換一個密碼。
password-used = 你以前用過這個密碼，請換一個密碼。
cannot-send = 我們無法傳送驗證碼到這個帳號。帳號的管理員可以協助你。
not-set-up = 這個帳號沒有可以確認是你本人的方式。帳號的管理員可以協助你。
blocked = 目前我們無法讓你從這裡登入。應用程式的管理員可以協助你。
already-confirmed = 這個帳號已經確認過了，你可以登入。
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = 請檢查你輸入的內容：{ $reason }
unfit-missing = { $label }：請填寫此項。
unfit-email = { $label }：請輸入像 ada@example.com 這樣的地址。
unfit-phone = { $label }：請輸入含國碼的號碼，例如 +1 555 0100。
unfit-address = { $label }：請輸入像 ada@example.com 這樣的地址，或像 +1 555 0100 這樣的號碼。
unfit-name = { $label }：請選擇不含空格、最多 256 個字元的名稱。
unfit-like-email = { $label }：請選擇不像電子郵件地址的名稱。
unfit-like-phone = { $label }：請選擇不像電話號碼的名稱。
unfit-fixed = { $label }：此項不能在這裡變更。
unfit-short = { $label }：請至少輸入 { $count } 個字元。
unfit-long = { $label }：請最多輸入 { $count } 個字元。
unfit-date = { $label }：請輸入年、月、日，例如 2001-12-31。
unfit-number = { $label }：請輸入整數。
unfit-small = { $label }：請輸入 { $count } 或更大的數。
unfit-large = { $label }：請輸入 { $count } 或更小的數。
unfit-boolean = { $label }：請輸入 true 或 false。
unfit-time = { $label }：請輸入日期和時間，例如 2001-12-31T18:30:00Z。

agreement = 註冊即表示您同意我們的{ $terms }與{ $privacy }。
link-terms = 使用條款
link-privacy = 隱私權政策
stranger = 「{ $app }」是自行註冊的應用程式，沒有人審核過。如果繼續，它會知道你是誰，並把你帶到 { $place }。
stranger-scopes = 它也可以代表你執行：{ $scopes }。

link-confirm-title = 確認你的地址
link-confirm-lead = 按一下按鈕，你的帳號就可以使用了。
link-confirmed-title = 你的帳號已可使用
link-confirmed-lead = 你可以關閉此頁面並登入。
link-old-title = 此連結已失效
link-confirm-old = 它可能已被使用，或者已寄出新的連結。請登入，或索取新的連結。
feedback-title = 關於那次登入
feedback-valid = 你表示那是你本人。從此我們會認得該裝置和地點。
feedback-invalid = 你表示那不是你本人。如果還可以，請同時變更密碼。
button-was-me = 是我
button-was-not-me = 不是我
feedback-done-title = 謝謝
feedback-done-lead = 你可以關閉此頁面。
feedback-old = 它可能太舊了。你隨時可以變更密碼。

## The account

account-title = 你的帳戶
link-keep = 保持不變
link-back-to-app = 返回 { $app }
account-profile = 關於你
button-edit = 編輯
state-unconfirmed = 尚未確認
button-confirm-address = 確認
password-is-set = 你使用密碼登入。
password-is-missing = 你還沒有密碼。
button-change = 變更密碼
button-set-password = 設定密碼
account-factors = 登入時的第二步驗證
account-factors-lead = 即使他人知道你的密碼，第二步驗證也能將其拒於門外。
button-set-up = 設定
button-another-app = 設定另一個應用程式
button-ask-first = 優先使用此方式
button-turn-on = 開啟
button-turn-off = 關閉
state-on = 已開啟
state-off = 已關閉
state-first = 優先使用
account-passkeys = 密碼金鑰
passkey-of-device = 裝置上的密碼金鑰
passkey-portable = 隨身攜帶的密碼金鑰
added-on = 新增於 { $date }
button-remove = 移除
account-devices = 裝置
unknown-device = 未知裝置
last-used-on = 上次使用於 { $date }
button-forget = 忘記
account-sessions = 你已登入的位置
account-sessions-untracked = 如果你遺失了裝置，請在所有位置登出。
this-browser = 此瀏覽器
button-sign-out-everywhere = 在所有位置登出
profile-title = 關於你
button-save = 儲存
profile-saved = 你的變更已儲存。
address-title = 確認你的地址
address-confirmed = 你的地址已確認。
change-password-title = 變更你的密碼
label-current-password = 目前的密碼
wrong-current-password = 這不是你目前的密碼。請再試一次。
password-changed = 你的密碼已變更。你已在其他所有位置登出。
factor-turned-on = 登入時將要求進行第二步驗證。
factor-turned-off = 以後不再要求此驗證。
factor-needed = 你的帳戶需要第二步驗證。請先開啟另一種方式。
remove-passkey-title = 移除此密碼金鑰？
remove-passkey-lead = 你將無法再用它登入：{ $name }。
passkey-removed = 密碼金鑰已移除。
forget-device-title = 忘記此裝置？
forget-device-lead = 下次需要重新證明它屬於你：{ $name }。
device-forgotten = 裝置已忘記。
end-session-title = 在那裡登出？
end-session-lead = 使用者需要重新登入：{ $name }。
session-ended = 你已在那裡登出。
turn-off-title = 關閉此第二步驗證？
turn-off-lead = 登入時將不再要求：{ $name }。
sign-out-everywhere-title = 在所有位置登出？
sign-out-everywhere-lead = 你需要在所有裝置上重新登入，包括這台裝置。
no-account-title = 此處沒有帳戶頁面
no-account-lead = 此應用程式不在這裡顯示帳戶。請返回應用程式。
address-needed = 登入驗證碼會傳送到該地址。請先關閉該第二步驗證。

## Devices without a browser

device-title = 連接裝置
device-lead = 請輸入裝置上顯示的代碼。
label-device-code = 裝置上的代碼
device-code-wrong = 代碼不正確或已過期。請查看裝置。
allow-device-title = 要連接這台裝置嗎？
allow-device-lead = 另一台裝置上的「{ $app }」想以 { $name } 的身分登入。
allow-device-caution = 只有當這是你自己發起的，而且你的裝置顯示 { $code } 時，才繼續。
button-allow-device = 連接
button-refuse-device = 不連接
device-allowed-title = 裝置已連接
device-allowed-lead = 請在裝置上繼續。你可以關閉此頁面。
device-refused-title = 裝置未連接
device-refused-lead = 你可以關閉此頁面。
device-old-title = 此代碼已失效
device-old-lead = 請在裝置上重新開始，它會顯示另一個代碼。

## Messages that are asked for at a page

message-code-subject = 你的驗證碼
message-code = 你的驗證碼是 { $code }。
message-link-subject = 確認你的電子郵件地址
message-link = 請開啟此連結以確認你的電子郵件地址。{ $link }
message-link-text = 確認地址
message-sign-in-subject = 你的登入驗證碼
message-sign-in = 你的登入驗證碼是 { $code }。
