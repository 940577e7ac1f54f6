# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = 로그인
sign-in-lead = 로그인하고 { $app } 계속 이용하기
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = 사용자 이름
label-email = 이메일 주소
label-phone = 전화번호
label-email-or-phone = 이메일 주소 또는 전화번호
label-password = 비밀번호
button-sign-in = 로그인
link-forgot-password = 비밀번호를 잊으셨나요?
# Leads to the page where somebody makes an account.
no-account = 처음이신가요?
link-sign-up = 계정 만들기
signed-in-as = { $name } 계정으로 로그인되어 있어요.
button-continue-as = { $name } 계정으로 계속
link-other-account = 다른 계정 사용

link-other-way = 다른 방법으로 로그인
choose-title = 어떤 방법으로 로그인할까요?
choice-password = 비밀번호
choice-passkey = 패스키
choice-email = 이메일로 받는 코드
choice-sms = 문자 메시지로 받는 코드
password-title = 비밀번호를 입력해 주세요
passkey-title = 패스키를 사용해 주세요
passkey-lead = 브라우저에서 본인이 맞는지 확인해 달라고 할 거예요.
button-passkey = 패스키 사용
passkey-needs-script = 패스키를 사용하려면 JavaScript가 필요한데, 이 브라우저에서는 꺼져 있어요. 다른 로그인 방법을 선택해 주세요.
passkey-failed = 이 패스키로는 로그인되지 않았어요. 다시 시도하거나 다른 방법을 선택해 주세요.

## One-time codes

code-title = 코드를 입력해 주세요
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = { $destination }(으)로 코드를 보냈어요.
code-app = 인증 앱에 표시된 코드를 입력해 주세요.
# $name is what the user calls the authenticator app.
code-app-named = { $name }에 표시된 코드를 입력해 주세요.
label-code = 코드
button-continue = 계속
button-busy = 잠시만 기다려 주세요…
link-start-over = 처음부터 다시 하기

## Choosing and setting up a second factor

select-title = 어떤 방법으로 본인 확인을 할까요?
factor-app = 인증 앱
factor-sms = 문자 메시지
factor-email = 이메일
other-factor-lead = 다른 방법:
setup-title = 계정을 보호해 주세요
setup-lead = 이 계정은 로그인할 때 두 번째 단계가 필요해요. 설정할 방법을 선택해 주세요.
setup-app-title = 인증 앱을 설정해 주세요
setup-app-lead = 앱으로 이 이미지를 스캔하거나 키를 직접 입력해 주세요. 그런 다음 앱에 표시된 코드를 입력해 주세요.
setup-app-key = 키
setup-email-lead = 어느 이메일 주소로 코드를 보내 드릴까요?
setup-sms-lead = 어느 전화번호로 코드를 보내 드릴까요?
setup-app-image = 인증 앱용 QR 코드

## New passwords

new-password-title = 새 비밀번호를 정해 주세요
new-password-lead = 지금까지의 비밀번호는 임시 비밀번호였어요.
label-new-password = 새 비밀번호
button-save-password = 비밀번호 저장
rules-title = 비밀번호에 필요한 것
rule-length = { $count }자 이상
rule-upper = 영문 대문자
rule-lower = 영문 소문자
rule-digit = 숫자
rule-symbol = 기호(예: ! 또는 -)
button-show-password = 비밀번호 표시
button-hide-password = 비밀번호 숨기기

## Making an account

sign-up-title = 계정을 만들어 보세요
button-sign-up = 계정 만들기
have-account = 이미 계정이 있으신가요?
link-sign-in = 로그인
confirm-title = 계정을 확인해 주세요
confirm-lead = 보내 드린 코드를 입력해 주세요.
button-confirm = 계정 확인
resend-lead = 코드를 받지 못하셨나요?
button-resend = 새 코드 보내기
button-resend-in = { $time } 후 새 코드 보내기
code-resent = 새 코드를 보내 드렸어요. 곧 도착할 거예요.
confirmed = 계정이 준비되었어요. 이제 로그인할 수 있어요.
waits-title = 계정이 만들어졌어요
waits-lead = 먼저 계정을 열어 드려야 해요. 그런 다음 로그인할 수 있어요.

## Attributes, by the names that OpenID Connect gives them

attribute-address = 주소
attribute-birthdate = 생년월일
attribute-email = 이메일 주소
attribute-family_name = 성
attribute-gender = 성별
attribute-given_name = 이름
attribute-locale = 언어
attribute-middle_name = 중간 이름
attribute-name = 전체 이름
attribute-nickname = 별명
attribute-phone_number = 전화번호
attribute-picture = 사진(웹 주소)
attribute-preferred_username = 표시 이름
attribute-profile = 프로필(웹 주소)
attribute-website = 웹사이트
attribute-zoneinfo = 시간대
hint-phone = 국가 번호와 함께 입력해 주세요. 예: +1 555 0100
hint-date = 연도, 월, 일 순서로 입력해 주세요. 예: 2001-12-31
label-country = 국가

## Forgotten passwords

forgot-title = 비밀번호 재설정
forgot-lead = 새 비밀번호를 정할 수 있는 코드를 보내 드릴게요.
button-send-code = 코드 보내기
reset-title = 새 비밀번호를 정해 주세요
reset-lead = 해당하는 계정이 있다면 { $destination }(으)로 코드를 보내 드렸어요.
button-reset = 비밀번호 저장
password-saved = 비밀번호가 변경되었어요. 새 비밀번호로 로그인해 주세요.

## Passkeys on an account

add-passkey-title = 패스키를 추가해 보세요
add-passkey-lead = 다음부터는 지문, 얼굴 또는 화면 잠금으로 로그인할 수 있어요.
button-add-passkey = 패스키 추가
link-not-now = 나중에

## Signing out

signed-out-title = 로그아웃되었어요
signed-out-lead = 이 페이지를 닫아도 돼요.
sign-out-title = 로그아웃할까요?
sign-out-lead = 이 브라우저에서 다시 로그인해야 해요.
button-sign-out = 로그아웃

## The foot of each page

language-label = 언어
button-choose-language = 이 언어 사용

## What went wrong

error-summary = 확인해 주세요
error-title = 문제가 생겼어요
error-lead = 앱으로 돌아가서 다시 시도해 주세요.
error-client-title = 저희가 모르는 앱이에요
error-client-lead = 여기로 오는 링크가 저희가 아는 앱을 가리키지 않아요. 돌아가서 다시 시도해 주세요.
error-redirect-title = 이 링크로는 앱에 돌아갈 수 없어요
error-redirect-lead = 앱에서 등록되지 않은 주소로 보내 달라고 요청했어요. 앱을 만든 분들이 바로잡을 수 있어요.
error-request-title = 링크가 올바르지 않아요
error-request-lead = 링크에 빠졌거나 두 번 들어간 내용이 있어요. 앱으로 돌아가서 다시 시도해 주세요.
error-busy = 지금은 조금 붐비고 있어요. 잠시 후에 다시 시도해 주세요.
wrong-password = 이름과 비밀번호가 서로 맞지 않아요. 다시 시도해 주세요.
unknown-user = 그 이름의 계정이 없어요.
too-many = 시도 횟수가 너무 많아요. 잠시 기다렸다가 다시 시도해 주세요.
user-disabled = 이 계정은 사용이 중지되어 있어요.
must-reset = 로그인하기 전에 비밀번호를 변경해야 해요. 변경에 필요한 코드를 보내 드릴 수 있어요.
temporary-expired = 임시 비밀번호가 만료되었어요. 비밀번호를 알려 준 분께 새 비밀번호를 요청해 주세요.
wrong-code = 코드가 맞지 않아요. 확인하고 다시 시도해 주세요.
expired-code = 코드가 만료되었거나 이미 사용되었어요. 새 코드를 보내 드릴 수 있어요.
used-code = 이미 사용된 코드예요. 다음 코드를 기다려 주세요.
session-expired = 시간이 조금 오래 걸렸어요. 다시 로그인해 주세요.
page-expired = 이 페이지가 한동안 열려 있었어요. 다시 시도해 주세요.
not-permitted = 여기서는 직접 계정을 만들 수 없어요.
name-taken = 그 이름의 계정이 이미 있어요.
address-taken = 그 연락처를 사용하는 계정이 이미 있어요.
password-rules = 비밀번호가 아래 규칙에 맞지 않아요.
password-leaked = 유출된 적이 있는 비밀번호예요. 다른 비밀번호를 선택해 주세요.
password-used = 전에 사용한 비밀번호예요. 다른 비밀번호를 선택해 주세요.
cannot-send = 이 계정으로는 코드를 보낼 수 없어요. 계정 관리자에게 문의해 주세요.
not-set-up = 이 계정에는 본인 확인을 할 방법이 없어요. 계정 관리자에게 문의해 주세요.
blocked = 지금은 여기에서 로그인할 수 없어요. 앱 관리자에게 문의해 주세요.
already-confirmed = 이 계정은 이미 확인되었어요. 로그인할 수 있어요.
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = 입력한 내용을 확인해 주세요: { $reason }
unfit-missing = { $label }: 입력해 주세요.
unfit-email = { $label }: ada@example.com 같은 주소를 입력해 주세요.
unfit-phone = { $label }: 국가 번호와 함께 입력해 주세요. 예: +1 555 0100
unfit-address = { $label }: ada@example.com 같은 주소나 +1 555 0100 같은 번호를 입력해 주세요.
unfit-name = { $label }: 빈칸 없이 256자 이하의 이름을 골라 주세요.
unfit-like-email = { $label }: 이메일 주소처럼 보이지 않는 이름을 골라 주세요.
unfit-like-phone = { $label }: 전화번호처럼 보이지 않는 이름을 골라 주세요.
unfit-fixed = { $label }: 여기에서는 바꿀 수 없어요.
unfit-short = { $label }: { $count }자 이상 입력해 주세요.
unfit-long = { $label }: { $count }자 이하로 입력해 주세요.
unfit-date = { $label }: 연도, 월, 일 순서로 입력해 주세요. 예: 2001-12-31
unfit-number = { $label }: 정수를 입력해 주세요.
unfit-small = { $label }: { $count } 이상을 입력해 주세요.
unfit-large = { $label }: { $count } 이하를 입력해 주세요.
unfit-boolean = { $label }: true 또는 false를 입력해 주세요.
unfit-time = { $label }: 날짜와 시간을 입력해 주세요. 예: 2001-12-31T18:30:00Z

agreement = 가입하면 { $terms } 및 { $privacy }에 동의하는 것입니다.
link-terms = 이용 약관
link-privacy = 개인정보 처리방침
stranger = { $app }은(는) 스스로 등록한 앱이며 아무도 확인하지 않았어요. 계속하면 이 앱이 회원님이 누구인지 알게 되고 { $place }(으)로 이동해요.
stranger-scopes = 또한 회원님을 대신해 다음 일을 할 수 있어요: { $scopes }.

link-confirm-title = 주소 확인
link-confirm-lead = 버튼을 한 번 누르면 계정을 쓸 수 있어요.
link-confirmed-title = 계정이 준비되었어요
link-confirmed-lead = 이 페이지를 닫고 로그인할 수 있어요.
link-old-title = 이 링크는 더 이상 쓸 수 없어요
link-confirm-old = 이미 사용했거나 더 새로운 링크가 발송되었을 수 있어요. 로그인하거나 새 링크를 요청해 주세요.
feedback-title = 그 로그인에 대해
feedback-valid = 본인이었다고 알려 주시는 거예요. 앞으로 그 기기와 장소를 알아보게 돼요.
feedback-invalid = 본인이 아니었다고 알려 주시는 거예요. 아직 가능하다면 비밀번호도 바꿔 주세요.
button-was-me = 저예요
button-was-not-me = 제가 아니에요
feedback-done-title = 고마워요
feedback-done-lead = 이 페이지를 닫아도 돼요.
feedback-old = 너무 오래된 링크일 수 있어요. 비밀번호는 언제든지 바꿀 수 있어요.

## The account

account-title = 내 계정
link-keep = 그대로 두기
link-back-to-app = { $app }(으)로 돌아가기
account-profile = 내 정보
button-edit = 수정
state-unconfirmed = 아직 확인되지 않음
button-confirm-address = 확인
password-is-set = 비밀번호로 로그인합니다.
password-is-missing = 아직 비밀번호가 없습니다.
button-change = 비밀번호 변경
button-set-password = 비밀번호 설정
account-factors = 로그인 시 2단계 확인
account-factors-lead = 2단계 확인을 사용하면 다른 사람이 비밀번호를 알아도 들어올 수 없습니다.
button-set-up = 설정
button-another-app = 다른 앱 설정
button-ask-first = 이것을 먼저 사용
button-turn-on = 켜기
button-turn-off = 끄기
state-on = 켜짐
state-off = 꺼짐
state-first = 먼저 사용함
account-passkeys = 패스키
passkey-of-device = 기기의 패스키
passkey-portable = 가지고 다니는 패스키
added-on = 추가한 날짜: { $date }
button-remove = 삭제
account-devices = 기기
unknown-device = 알 수 없는 기기
last-used-on = 마지막 사용: { $date }
button-forget = 잊기
account-sessions = 로그인된 곳
account-sessions-untracked = 기기를 잃어버렸다면 모든 곳에서 로그아웃하세요.
this-browser = 이 브라우저
button-sign-out-everywhere = 모든 곳에서 로그아웃
profile-title = 내 정보
button-save = 저장
profile-saved = 변경 내용을 저장했습니다.
address-title = 주소 확인
address-confirmed = 주소가 확인되었습니다.
change-password-title = 비밀번호 변경
label-current-password = 현재 비밀번호
wrong-current-password = 현재 비밀번호가 아닙니다. 다시 시도해 주세요.
password-changed = 비밀번호를 변경했습니다. 다른 모든 곳에서 로그아웃되었습니다.
factor-turned-on = 로그인할 때 2단계 확인을 요청합니다.
factor-turned-off = 더 이상 요청하지 않습니다.
factor-needed = 이 계정에는 2단계 확인이 필요합니다. 먼저 다른 방법을 켜세요.
remove-passkey-title = 이 패스키를 삭제할까요?
remove-passkey-lead = 더 이상 이것으로 로그인할 수 없습니다: { $name }
passkey-removed = 패스키를 삭제했습니다.
forget-device-title = 이 기기를 잊을까요?
forget-device-lead = 다음에는 본인의 기기임을 다시 확인해야 합니다: { $name }
device-forgotten = 기기를 잊었습니다.
end-session-title = 그곳에서 로그아웃할까요?
end-session-lead = 사용하려면 다시 로그인해야 합니다: { $name }
session-ended = 그곳에서 로그아웃되었습니다.
turn-off-title = 이 2단계 확인을 끌까요?
turn-off-lead = 로그인할 때 더 이상 요청하지 않습니다: { $name }
sign-out-everywhere-title = 모든 곳에서 로그아웃할까요?
sign-out-everywhere-lead = 이 기기를 포함한 모든 기기에서 다시 로그인해야 합니다.
no-account-title = 여기에는 계정 페이지가 없습니다
no-account-lead = 이 앱은 여기에서 계정을 보여 주지 않습니다. 앱으로 돌아가세요.
address-needed = 로그인 코드가 이 주소로 전송됩니다. 먼저 그 2단계 확인을 끄세요.

## Devices without a browser

device-title = 기기 연결
device-lead = 기기에 표시된 코드를 입력해 주세요.
label-device-code = 기기의 코드
device-code-wrong = 코드가 맞지 않거나 만료되었어요. 기기를 확인해 주세요.
allow-device-title = 이 기기를 연결할까요?
allow-device-lead = 다른 기기의 { $app }에서 { $name }(으)로 로그인하려고 해요.
allow-device-caution = 직접 시작했고 기기에 { $code }이(가) 표시될 때만 계속하세요.
button-allow-device = 연결
button-refuse-device = 연결하지 않기
device-allowed-title = 기기가 연결되었어요
device-allowed-lead = 기기에서 계속하세요. 이 페이지는 닫아도 돼요.
device-refused-title = 기기를 연결하지 않았어요
device-refused-lead = 이 페이지는 닫아도 돼요.
device-old-title = 이 코드는 더 이상 쓸 수 없어요
device-old-lead = 기기에서 다시 시작해 주세요. 다른 코드가 표시돼요.

## Messages that are asked for at a page

message-code-subject = 인증 코드
message-code = 인증 코드는 { $code }입니다.
message-link-subject = 주소 확인
message-link = 아래 링크를 열어 이메일 주소를 확인해 주세요. { $link }
message-link-text = 주소 확인하기
message-sign-in-subject = 로그인 코드
message-sign-in = 로그인 코드는 { $code }입니다.
