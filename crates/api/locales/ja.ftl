# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = サインイン
sign-in-lead = 「{ $app }」に進みます
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = ユーザー名
label-email = メールアドレス
label-phone = 電話番号
label-email-or-phone = メールアドレスまたは電話番号
label-password = パスワード
button-sign-in = サインイン
link-forgot-password = パスワードをお忘れですか？
# Leads to the page where somebody makes an account.
no-account = 初めてご利用ですか？
link-sign-up = アカウントを作成
signed-in-as = { $name } としてサインインしています。
button-continue-as = { $name } として続ける
link-other-account = 別のアカウントを使う

link-other-way = 別の方法でサインイン
choose-title = どの方法でサインインしますか？
choice-password = パスワード
choice-passkey = パスキー
choice-email = メールで受け取るコード
choice-sms = SMS で受け取るコード
password-title = パスワードを入力してください
passkey-title = パスキーを使ってください
passkey-lead = ブラウザーで、ご本人であることの確認を求められます。
button-passkey = パスキーを使う
passkey-needs-script = パスキーには JavaScript が必要ですが、このブラウザーではオフになっています。別のサインイン方法を選んでください。
passkey-failed = このパスキーではうまくいきませんでした。もう一度試すか、別の方法を選んでください。

## One-time codes

code-title = コードを入力してください
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = { $destination } にコードを送信しました。
code-app = 認証アプリに表示されているコードを入力してください。
# $name is what the user calls the authenticator app.
code-app-named = { $name } に表示されているコードを入力してください。
label-code = コード
button-continue = 続ける
button-busy = 少々お待ちください…
link-start-over = 最初からやり直す

## Choosing and setting up a second factor

select-title = どの方法でご本人であることを確認しますか？
factor-app = 認証アプリ
factor-sms = SMS
factor-email = メール
other-factor-lead = 別の方法：
setup-title = アカウントを保護しましょう
setup-lead = このアカウントでは、サインインのときにもう 1 つの確認が必要です。設定する方法を選んでください。
setup-app-title = 認証アプリを設定してください
setup-app-lead = この画像をアプリで読み取るか、キーを手で入力してください。そのあと、アプリに表示されるコードを入力してください。
setup-app-key = キー
setup-email-lead = コードをどのメールアドレスに送りますか？
setup-sms-lead = コードをどの電話番号に送りますか？
setup-app-image = 認証アプリ用の QR コード

## New passwords

new-password-title = 新しいパスワードを決めてください
new-password-lead = これまでのパスワードは仮のものでした。
label-new-password = 新しいパスワード
button-save-password = パスワードを保存
rules-title = パスワードに必要なもの
rule-length = { $count } 文字以上
rule-upper = 英字の大文字
rule-lower = 英字の小文字
rule-digit = 数字
rule-symbol = 記号（! や - など）
button-show-password = パスワードを表示
button-hide-password = パスワードを隠す

## Making an account

sign-up-title = アカウントを作成しましょう
button-sign-up = アカウントを作成
have-account = すでにアカウントをお持ちですか？
link-sign-in = サインイン
confirm-title = アカウントを確認してください
confirm-lead = お送りしたコードを入力してください。
button-confirm = アカウントを確認
resend-lead = コードが届きませんか？
button-resend = 新しいコードを送信
button-resend-in = { $time } 後に新しいコードを送信
code-resent = 新しいコードをお送りしました。まもなく届きます。
confirmed = アカウントの準備ができました。サインインできます。
waits-title = アカウントが作成されました
waits-lead = アカウントが利用できるようになりましたら、サインインできます。いましばらくお待ちください。

## Attributes, by the names that OpenID Connect gives them

attribute-address = 住所
attribute-birthdate = 生年月日
attribute-email = メールアドレス
attribute-family_name = 姓
attribute-gender = 性別
attribute-given_name = 名
attribute-locale = 言語
attribute-middle_name = ミドルネーム
attribute-name = 氏名
attribute-nickname = ニックネーム
attribute-phone_number = 電話番号
attribute-picture = 画像（ウェブアドレス）
attribute-preferred_username = 表示名
attribute-profile = プロフィール（ウェブアドレス）
attribute-website = ウェブサイト
attribute-zoneinfo = タイムゾーン
hint-phone = 国番号を付けてください（例：+1 555 0100）。
hint-date = 年、月、日の順に入力してください（例：2001-12-31）。
label-country = 国

## Forgotten passwords

forgot-title = パスワードの再設定
forgot-lead = 新しいパスワードを決めるためのコードをお送りします。
button-send-code = コードを送信
reset-title = 新しいパスワードを決めてください
reset-lead = 該当するアカウントがある場合は、{ $destination } にコードを送信しました。
button-reset = パスワードを保存
password-saved = パスワードが変更されました。新しいパスワードでサインインしてください。

## Passkeys on an account

add-passkey-title = パスキーを追加しましょう
add-passkey-lead = 次回から、指紋、顔、または画面ロックでサインインできます。
button-add-passkey = パスキーを追加
link-not-now = 今はしない

## Signing out

signed-out-title = サインアウトしました
signed-out-lead = このページは閉じてかまいません。
sign-out-title = サインアウトしますか？
sign-out-lead = このブラウザーでは、もう一度サインインする必要があります。
button-sign-out = サインアウト

## The foot of each page

language-label = 言語
button-choose-language = この言語を使う

## What went wrong

error-summary = ご確認ください
error-title = 問題が発生しました
error-lead = アプリに戻って、もう一度お試しください。
error-client-title = このアプリは確認できませんでした
error-client-lead = ここへのリンクに、登録されているアプリが示されていません。前に戻って、もう一度お試しください。
error-redirect-title = このリンクではアプリに戻れません
error-redirect-lead = アプリから、登録されていないアドレスへご案内するよう求められました。アプリの作成者が直すことができます。
error-request-title = このリンクは正しくありません
error-request-lead = 足りないものか、重複しているものがあります。アプリに戻って、もう一度お試しください。
error-busy = ただいま混み合っています。少し待ってから、もう一度お試しください。
wrong-password = この名前とパスワードの組み合わせは正しくないようです。もう一度お試しください。
unknown-user = この名前のアカウントはありません。
too-many = 試行回数が多くなっています。しばらく待ってから、もう一度お試しください。
user-disabled = このアカウントは無効になっています。
must-reset = サインインする前に、パスワードを変更する必要があります。変更のためのコードをお送りできます。
temporary-expired = 仮のパスワードの有効期限が切れています。パスワードを受け取った相手に、新しいものを頼んでください。
wrong-code = このコードは正しくないようです。確認して、もう一度お試しください。
expired-code = このコードは有効期限が切れているか、すでに使われています。新しいコードをお送りできます。
used-code = このコードはすでに使われています。次のコードをお待ちください。
session-expired = 少し時間がたちすぎたようです。もう一度サインインしてください。
page-expired = このページはしばらく開いたままになっていました。もう一度お試しください。
not-permitted = ここでは、ご自分でアカウントを作成することはできません。
name-taken = この名前のアカウントはすでにあります。
address-taken = この連絡先のアカウントはすでにあります。
password-rules = このパスワードは、下の条件を満たしていません。
password-leaked = このパスワードは、過去に流出したことがわかっています。別のパスワードにしてください。
password-used = このパスワードは以前に使われています。別のパスワードにしてください。
cannot-send = このアカウントにはコードを送信できません。アカウントの管理者にご相談ください。
not-set-up = このアカウントには、ご本人であることを確認する方法がありません。アカウントの管理者にご相談ください。
blocked = 現在、ここからはサインインできません。アプリの管理者にご相談ください。
already-confirmed = このアカウントはすでに確認されています。サインインできます。
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = 入力した内容をご確認ください：{ $reason }
unfit-missing = { $label }：入力してください。
unfit-email = { $label }：ada@example.com のようなアドレスを入力してください。
unfit-phone = { $label }：国番号を付けて入力してください（例：+1 555 0100）。
unfit-address = { $label }：ada@example.com のようなアドレス、または +1 555 0100 のような番号を入力してください。
unfit-name = { $label }：空白を含まない 256 文字以内の名前を選んでください。
unfit-like-email = { $label }：メールアドレスに見えない名前を選んでください。
unfit-like-phone = { $label }：電話番号に見えない名前を選んでください。
unfit-fixed = { $label }：ここでは変更できません。
unfit-short = { $label }：{ $count } 文字以上で入力してください。
unfit-long = { $label }：{ $count } 文字以内で入力してください。
unfit-date = { $label }：年、月、日の順に入力してください（例：2001-12-31）。
unfit-number = { $label }：整数を入力してください。
unfit-small = { $label }：{ $count } 以上を入力してください。
unfit-large = { $label }：{ $count } 以下を入力してください。
unfit-boolean = { $label }：true または false を入力してください。
unfit-time = { $label }：日付と時刻を入力してください（例：2001-12-31T18:30:00Z）。

agreement = 登録すると、{ $terms }と{ $privacy }に同意したことになります。
link-terms = 利用規約
link-privacy = プライバシーポリシー
stranger = 「{ $app }」は自動で登録されたアプリで、だれも確認していません。続けると、あなたがだれかがこのアプリに伝わり、{ $place } に移動します。
stranger-scopes = さらに、あなたの代わりに次の操作ができるようになります: { $scopes }。

link-confirm-title = メールアドレスの確認
link-confirm-lead = ボタンを押すと、アカウントを使えるようになります。
link-confirmed-title = アカウントの準備ができました
link-confirmed-lead = このページを閉じて、サインインできます。
link-old-title = このリンクは使えなくなりました
link-confirm-old = すでに使われたか、新しいリンクが送られた可能性があります。サインインするか、新しいリンクを送ってもらってください。
feedback-title = そのサインインについて
feedback-valid = ご自身によるものだとお知らせいただきます。今後、その端末と場所は既知のものになります。
feedback-invalid = ご自身によるものではないとお知らせいただきます。可能であれば、パスワードも変更してください。
button-was-me = 自分です
button-was-not-me = 自分ではありません
feedback-done-title = ありがとうございます
feedback-done-lead = このページは閉じてかまいません。
feedback-old = 古すぎる可能性があります。パスワードはいつでも変更できます。

## The account

account-title = アカウント
link-keep = このままにする
link-back-to-app = { $app } に戻る
account-profile = プロフィール
button-edit = 編集
state-unconfirmed = 未確認
button-confirm-address = 確認する
password-is-set = パスワードでサインインします。
password-is-missing = パスワードはまだありません。
button-change = パスワードを変更
button-set-password = パスワードを設定
account-factors = サインイン時の 2 段階目の確認
account-factors-lead = 2 段階目の確認があれば、パスワードを知られても他の人は入れません。
button-set-up = 設定する
button-another-app = 別のアプリを設定する
button-ask-first = これを最初に使う
button-turn-on = オンにする
button-turn-off = オフにする
state-on = オン
state-off = オフ
state-first = 最初に使用
account-passkeys = パスキー
passkey-of-device = デバイスのパスキー
passkey-portable = 持ち運べるパスキー
added-on = 追加日: { $date }
button-remove = 削除
account-devices = デバイス
unknown-device = 不明なデバイス
last-used-on = 最終使用日: { $date }
button-forget = 忘れる
account-sessions = サインイン中の場所
account-sessions-untracked = デバイスをなくしたときは、すべての場所からサインアウトしてください。
this-browser = このブラウザー
button-sign-out-everywhere = すべての場所からサインアウト
profile-title = プロフィール
button-save = 保存
profile-saved = 変更を保存しました。
address-title = アドレスの確認
address-confirmed = アドレスを確認しました。
change-password-title = パスワードの変更
label-current-password = 現在のパスワード
wrong-current-password = 現在のパスワードと違います。もう一度お試しください。
password-changed = パスワードを変更しました。ほかの場所からはサインアウトしました。
factor-turned-on = サインイン時に 2 段階目の確認を行います。
factor-turned-off = 今後はこの確認を行いません。
factor-needed = このアカウントには 2 段階目の確認が必要です。先に別の方法をオンにしてください。
remove-passkey-title = このパスキーを削除しますか？
remove-passkey-lead = 今後はこれでサインインできません: { $name }
passkey-removed = パスキーを削除しました。
forget-device-title = このデバイスを忘れますか？
forget-device-lead = 次回は、あなたのデバイスであることの確認が必要です: { $name }
device-forgotten = デバイスを忘れました。
end-session-title = そこからサインアウトしますか？
end-session-lead = 使うにはもう一度サインインが必要です: { $name }
session-ended = そこからサインアウトしました。
turn-off-title = この 2 段階目の確認をオフにしますか？
turn-off-lead = サインイン時にこの確認を行わなくなります: { $name }
sign-out-everywhere-title = すべての場所からサインアウトしますか？
sign-out-everywhere-lead = このデバイスを含むすべてのデバイスで、もう一度サインインが必要です。
no-account-title = アカウントページはありません
no-account-lead = このアプリはここでアカウントを表示しません。アプリに戻ってください。
address-needed = サインイン時のコードはこのアドレスに送られます。先にその 2 段階目の確認をオフにしてください。

## Devices without a browser

device-title = デバイスを接続する
device-lead = デバイスに表示されているコードを入力してください。
label-device-code = デバイスのコード
device-code-wrong = コードが正しくないか、期限が切れています。デバイスの表示を確認してください。
allow-device-title = このデバイスを接続しますか？
allow-device-lead = 別のデバイスの「{ $app }」が { $name } としてサインインしようとしています。
allow-device-caution = 自分で始めた操作で、デバイスに { $code } と表示されている場合だけ続けてください。
button-allow-device = 接続する
button-refuse-device = 接続しない
device-allowed-title = デバイスが接続されました
device-allowed-lead = デバイスで続けてください。このページは閉じてかまいません。
device-refused-title = デバイスは接続されませんでした
device-refused-lead = このページは閉じてかまいません。
device-old-title = このコードはもう使えません
device-old-lead = デバイスでもう一度始めてください。別のコードが表示されます。

## Messages that are asked for at a page

message-code-subject = 確認コード
message-code = 確認コードは { $code } です。
message-link-subject = メールアドレスの確認
message-link = 次のリンクを開いて、メールアドレスを確認してください。{ $link }
message-link-text = アドレスを確認する
message-sign-in-subject = サインイン用のコード
message-sign-in = サインイン用のコードは { $code } です。
