# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = تسجيل الدخول
sign-in-lead = للمتابعة إلى { "\u2068" }{ $app }{ "\u2069" }
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = اسم المستخدم
label-email = عنوان البريد الإلكتروني
label-phone = رقم الهاتف
label-email-or-phone = عنوان البريد الإلكتروني أو رقم الهاتف
label-password = كلمة المرور
button-sign-in = تسجيل الدخول
link-forgot-password = هل نسيت كلمة المرور؟
# Leads to the page where somebody makes an account.
no-account = أهذه زيارتك الأولى؟
link-sign-up = إنشاء حساب
signed-in-as = تم تسجيل دخولك باسم { "\u2068" }{ $name }{ "\u2069" }.
button-continue-as = المتابعة باسم { "\u2068" }{ $name }{ "\u2069" }
link-other-account = استخدام حساب آخر

link-other-way = تسجيل الدخول بطريقة أخرى
choose-title = ما الطريقة الأنسب لك لتسجيل الدخول؟
choice-password = كلمة المرور
choice-passkey = مفتاح المرور
choice-email = رمز عبر البريد الإلكتروني
choice-sms = رمز عبر رسالة نصية
password-title = إدخال كلمة المرور
passkey-title = استخدام مفتاح المرور
passkey-lead = سيطلب منك المتصفح تأكيد هويتك.
button-passkey = استخدام مفتاح المرور
passkey-needs-script = تحتاج مفاتيح المرور إلى JavaScript، وهو متوقف في هذا المتصفح. يُرجى اختيار طريقة أخرى لتسجيل الدخول.
passkey-failed = لم ينجح استخدام مفتاح المرور هذا. يمكنك المحاولة مرة أخرى أو اختيار طريقة أخرى.

## One-time codes

code-title = إدخال الرمز
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = أرسلنا رمزًا إلى { "\u2066" }{ $destination }{ "\u2069" }.
code-app = يُرجى إدخال الرمز الذي يعرضه تطبيق المصادقة لديك.
# $name is what the user calls the authenticator app.
code-app-named = يُرجى إدخال الرمز الذي يعرضه { "\u2068" }{ $name }{ "\u2069" }.
label-code = الرمز
button-continue = متابعة
button-busy = لحظة من فضلك…
link-start-over = البدء من جديد

## Choosing and setting up a second factor

select-title = ما الطريقة الأنسب لك لتأكيد هويتك؟
factor-app = تطبيق المصادقة
factor-sms = رسالة نصية
factor-email = البريد الإلكتروني
other-factor-lead = بطريقة أخرى:
setup-title = حماية حسابك
setup-lead = يحتاج حسابك إلى خطوة ثانية عند تسجيل الدخول. يُرجى اختيار خطوة لإعدادها.
setup-app-title = إعداد تطبيق المصادقة
setup-app-lead = يُرجى مسح هذه الصورة ضوئيًا باستخدام التطبيق، أو إدخال المفتاح يدويًا، ثم إدخال الرمز الذي يعرضه التطبيق.
setup-app-key = المفتاح
setup-email-lead = إلى أي عنوان بريد إلكتروني نرسل الرموز؟
setup-sms-lead = إلى أي رقم هاتف نرسل الرموز؟
setup-app-image = رمز استجابة سريعة لتطبيق المصادقة

## New passwords

new-password-title = اختيار كلمة مرور جديدة
new-password-lead = كانت كلمة مرورك مؤقتة.
label-new-password = كلمة المرور الجديدة
button-save-password = حفظ كلمة المرور
rules-title = تحتاج كلمة مرورك إلى
rule-length =
    { $count ->
        [zero] أي عدد من الأحرف
        [one] حرف واحد على الأقل
        [two] حرفين على الأقل
        [few] { $count } أحرف على الأقل
        [many] { $count } حرفًا على الأقل
       *[other] { $count } حرف على الأقل
    }
rule-upper = حرف لاتيني كبير
rule-lower = حرف لاتيني صغير
rule-digit = رقم
rule-symbol = رمز خاص، مثل ! أو -
button-show-password = إظهار كلمة المرور
button-hide-password = إخفاء كلمة المرور

## Making an account

sign-up-title = إنشاء حسابك
button-sign-up = إنشاء الحساب
have-account = هل لديك حساب بالفعل؟
link-sign-in = تسجيل الدخول
confirm-title = تأكيد حسابك
confirm-lead = يُرجى إدخال الرمز الذي أرسلناه إليك.
button-confirm = تأكيد الحساب
resend-lead = ألم يصلك الرمز؟
button-resend = إرسال رمز جديد
button-resend-in = إرسال رمز جديد بعد { "\u2066" }{ $time }{ "\u2069" }
code-resent = الرمز الجديد في طريقه إليك.
confirmed = حسابك جاهز. يمكنك تسجيل الدخول الآن.
waits-title = تم إنشاء حسابك
waits-lead = سيُفتح لك الحساب أولًا، وبعد ذلك يمكنك تسجيل الدخول.

## Attributes, by the names that OpenID Connect gives them

attribute-address = العنوان
attribute-birthdate = تاريخ الميلاد
attribute-email = عنوان البريد الإلكتروني
attribute-family_name = اسم العائلة
attribute-gender = الجنس
attribute-given_name = الاسم الأول
attribute-locale = اللغة
attribute-middle_name = الاسم الأوسط
attribute-name = الاسم الكامل
attribute-nickname = الاسم المستعار
attribute-phone_number = رقم الهاتف
attribute-picture = الصورة (عنوان ويب)
attribute-preferred_username = الاسم المعروض
attribute-profile = الملف الشخصي (عنوان ويب)
attribute-website = الموقع الإلكتروني
attribute-zoneinfo = المنطقة الزمنية
hint-phone = مع رمز البلد، مثل { "\u2066" }+1 555 0100{ "\u2069" }.
hint-date = السنة والشهر واليوم، مثل { "\u2066" }2001-12-31{ "\u2069" }.
label-country = البلد

## Forgotten passwords

forgot-title = إعادة تعيين كلمة المرور
forgot-lead = سنرسل إليك رمزًا لاختيار كلمة مرور جديدة.
button-send-code = إرسال الرمز
reset-title = اختيار كلمة مرور جديدة
reset-lead = إذا كان هناك حساب كهذا، فقد أرسلنا رمزًا إلى { "\u2066" }{ $destination }{ "\u2069" }.
button-reset = حفظ كلمة المرور
password-saved = تم تغيير كلمة مرورك. يمكنك تسجيل الدخول بكلمة المرور الجديدة.

## Passkeys on an account

add-passkey-title = إضافة مفتاح مرور
add-passkey-lead = في المرة القادمة، يمكنك تسجيل الدخول ببصمة إصبعك أو وجهك أو قفل شاشتك.
button-add-passkey = إضافة مفتاح المرور
link-not-now = ليس الآن

## Signing out

signed-out-title = تم تسجيل خروجك
signed-out-lead = يمكنك إغلاق هذه الصفحة.
sign-out-title = تسجيل الخروج؟
sign-out-lead = سيلزمك تسجيل الدخول مرة أخرى في هذا المتصفح.
button-sign-out = تسجيل الخروج

## The foot of each page

language-label = اللغة
button-choose-language = استخدام هذه اللغة

## What went wrong

error-summary = يُرجى التحقق مما يلي
error-title = حدث خطأ ما
error-lead = يُرجى العودة إلى التطبيق والمحاولة مرة أخرى.
error-client-title = لا نعرف هذا التطبيق
error-client-lead = الرابط الذي أوصلك إلى هنا لا يشير إلى تطبيق نعرفه. يُرجى الرجوع والمحاولة مرة أخرى.
error-redirect-title = هذا الرابط لا يعود بك إلى التطبيق
error-redirect-lead = طلب منا التطبيق توجيهك إلى عنوان لم يسجّله. يمكن لمطوّري التطبيق إصلاح ذلك.
error-request-title = هذا الرابط غير صحيح
error-request-lead = فيه شيء ناقص أو مكرر. يُرجى العودة إلى التطبيق والمحاولة مرة أخرى.
error-busy = هناك ازدحام الآن. يُرجى المحاولة مرة أخرى بعد لحظات.
wrong-password = هذا الاسم وكلمة المرور هذه لا يتوافقان. يُرجى المحاولة مرة أخرى.
unknown-user = لا يوجد حساب بهذا الاسم.
too-many = عدد المحاولات كبير. يُرجى الانتظار قليلًا ثم المحاولة مرة أخرى.
user-disabled = هذا الحساب موقوف.
must-reset = يجب تغيير كلمة مرورك قبل تسجيل الدخول. يمكننا أن نرسل إليك رمزًا لذلك.
temporary-expired = انتهت صلاحية كلمة مرورك المؤقتة. يمكنك طلب كلمة مرور جديدة ممن أعطاك إياها.
wrong-code = هذا الرمز غير صحيح. يُرجى التحقق منه والمحاولة مرة أخرى.
expired-code = انتهت صلاحية هذا الرمز أو سبق استخدامه. يمكننا إرسال رمز جديد.
used-code = سبق استخدام هذا الرمز. يُرجى انتظار الرمز التالي.
session-expired = استغرق ذلك وقتًا أطول قليلًا من اللازم. يُرجى تسجيل الدخول مرة أخرى.
page-expired = ظلت هذه الصفحة مفتوحة لبعض الوقت. يُرجى المحاولة مرة أخرى.
not-permitted = لا يمكنك إنشاء حساب هنا بنفسك.
name-taken = يوجد حساب بهذا الاسم بالفعل.
address-taken = يوجد حساب ببيانات الاتصال هذه بالفعل.
password-rules = كلمة المرور هذه لا تستوفي القواعد أدناه.
password-leaked = من المعروف أن كلمة المرور هذه قد تسرّبت. يُرجى اختيار كلمة مرور أخرى.
password-used = سبق لك استخدام كلمة المرور هذه. يُرجى اختيار كلمة مرور أخرى.
cannot-send = لا يمكننا إرسال رمز إلى هذا الحساب. يمكن لمسؤول الحساب مساعدتك.
not-set-up = لا تتوفر لهذا الحساب طريقة لتأكيد هويتك. يمكن لمسؤول الحساب مساعدتك.
blocked = لا يمكننا تسجيل دخولك من هنا في الوقت الحالي. يمكن لمسؤول التطبيق مساعدتك.
already-confirmed = تم تأكيد هذا الحساب من قبل. يمكنك تسجيل الدخول.
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = يُرجى التحقق مما أدخلته: { "\u2068" }{ $reason }{ "\u2069" }
unfit-missing = { "\u2068" }{ $label }{ "\u2069" }: يُرجى ملء هذا الحقل.
unfit-email = { "\u2068" }{ $label }{ "\u2069" }: يُرجى إدخال عنوان مثل { "\u2066" }ada@example.com{ "\u2069" }.
unfit-phone = { "\u2068" }{ $label }{ "\u2069" }: يُرجى إدخال رقم مع رمز البلد، مثل { "\u2066" }+1 555 0100{ "\u2069" }.
unfit-address = { "\u2068" }{ $label }{ "\u2069" }: يُرجى إدخال عنوان مثل { "\u2066" }ada@example.com{ "\u2069" } أو رقم مثل { "\u2066" }+1 555 0100{ "\u2069" }.
unfit-name = { "\u2068" }{ $label }{ "\u2069" }: يُرجى اختيار اسم بلا مسافات، لا يتجاوز { "\u2066" }256{ "\u2069" } حرفًا.
unfit-like-email = { "\u2068" }{ $label }{ "\u2069" }: يُرجى اختيار اسم لا يشبه عنوان بريد إلكتروني.
unfit-like-phone = { "\u2068" }{ $label }{ "\u2069" }: يُرجى اختيار اسم لا يشبه رقم هاتف.
unfit-fixed = { "\u2068" }{ $label }{ "\u2069" }: لا يمكن تغيير هذا هنا.
unfit-short = { "\u2068" }{ $label }{ "\u2069" }: عدد الأحرف { "\u2066" }{ $count }{ "\u2069" } على الأقل.
unfit-long = { "\u2068" }{ $label }{ "\u2069" }: عدد الأحرف { "\u2066" }{ $count }{ "\u2069" } على الأكثر.
unfit-date = { "\u2068" }{ $label }{ "\u2069" }: يُرجى إدخال السنة والشهر واليوم، مثل { "\u2066" }2001-12-31{ "\u2069" }.
unfit-number = { "\u2068" }{ $label }{ "\u2069" }: يُرجى إدخال عدد صحيح.
unfit-small = { "\u2068" }{ $label }{ "\u2069" }: يُرجى إدخال { "\u2066" }{ $count }{ "\u2069" } أو أكثر.
unfit-large = { "\u2068" }{ $label }{ "\u2069" }: يُرجى إدخال { "\u2066" }{ $count }{ "\u2069" } أو أقل.
unfit-boolean = { "\u2068" }{ $label }{ "\u2069" }: يُرجى إدخال { "\u2066" }true{ "\u2069" } أو { "\u2066" }false{ "\u2069" }.
unfit-time = { "\u2068" }{ $label }{ "\u2069" }: يُرجى إدخال التاريخ والوقت، مثل { "\u2066" }2001-12-31T18:30:00Z{ "\u2069" }.

agreement = بإنشاء حساب، فإنك توافق على { $terms } و{ $privacy }.
link-terms = شروط الاستخدام
link-privacy = سياسة الخصوصية
stranger = سجّل { "\u2068" }{ $app }{ "\u2069" } نفسه هنا ولم يراجعه أحد. إذا تابعت فسيعرف من أنت، وستُنقل إلى { "\u2068" }{ $place }{ "\u2069" }.
stranger-scopes = ويمكنه أيضًا التصرّف نيابةً عنك: { "\u2068" }{ $scopes }{ "\u2069" }.

link-confirm-title = أكّد عنوانك
link-confirm-lead = بضغطة واحدة على الزر يصبح حسابك جاهزًا.
link-confirmed-title = حسابك جاهز
link-confirmed-lead = يمكنك إغلاق هذه الصفحة وتسجيل الدخول.
link-old-title = لم يعد هذا الرابط صالحًا
link-confirm-old = ربما استُخدم من قبل، أو أُرسل رابط أحدث. سجّل الدخول أو اطلب رابطًا جديدًا.
feedback-title = بخصوص عملية الدخول تلك
feedback-valid = تقول إنك أنت من سجّل الدخول. سنتعرّف على الجهاز والمكان من الآن فصاعدًا.
feedback-invalid = تقول إنك لست من سجّل الدخول. غيّر كلمة مرورك أيضًا إن كنت لا تزال تستطيع.
button-was-me = كان أنا
button-was-not-me = لم يكن أنا
feedback-done-title = شكرًا لك
feedback-done-lead = يمكنك إغلاق هذه الصفحة.
feedback-old = ربما يكون قديمًا جدًا. يمكنك دائمًا تغيير كلمة مرورك.

## The account

account-title = حسابك
link-keep = اتركه كما هو
link-back-to-app = العودة إلى { $app }
account-profile = معلومات عنك
button-edit = تعديل
state-unconfirmed = لم يتم التأكيد بعد
button-confirm-address = تأكيد
password-is-set = تسجّل الدخول بكلمة مرور.
password-is-missing = ليست لديك كلمة مرور بعد.
button-change = تغيير كلمة المرور
button-set-password = تعيين كلمة مرور
account-factors = خطوة ثانية عند تسجيل الدخول
account-factors-lead = تمنع الخطوة الثانية دخول الآخرين حتى لو عرفوا كلمة مرورك.
button-set-up = إعداد
button-another-app = إعداد تطبيق آخر
button-ask-first = اطلب هذه أولًا
button-turn-on = تشغيل
button-turn-off = إيقاف
state-on = قيد التشغيل
state-off = متوقفة
state-first = تُطلب أولًا
account-passkeys = مفاتيح المرور
passkey-of-device = مفتاح مرور على جهاز
passkey-portable = مفتاح مرور تحمله معك
added-on = أضيف في { $date }
button-remove = إزالة
account-devices = الأجهزة
unknown-device = جهاز غير معروف
last-used-on = آخر استخدام في { $date }
button-forget = نسيان
account-sessions = أين سجّلت الدخول
account-sessions-untracked = إذا فقدت جهازًا، فسجّل الخروج من كل مكان.
this-browser = هذا المتصفح
button-sign-out-everywhere = تسجيل الخروج من كل مكان
profile-title = معلومات عنك
button-save = حفظ
profile-saved = حُفظت تغييراتك.
address-title = تأكيد عنوانك
address-confirmed = تم تأكيد عنوانك.
change-password-title = تغيير كلمة مرورك
label-current-password = كلمة المرور الحالية
wrong-current-password = هذه ليست كلمة مرورك الحالية. حاول مرة أخرى.
password-changed = تم تغيير كلمة مرورك، وسُجّل خروجك من كل مكان آخر.
factor-turned-on = ستُطلب منك خطوة ثانية عند تسجيل الدخول.
factor-turned-off = لن يُطلب منك ذلك بعد الآن.
factor-needed = يحتاج حسابك إلى خطوة ثانية. شغّل خطوة أخرى أولًا.
remove-passkey-title = إزالة مفتاح المرور هذا؟
remove-passkey-lead = لن تتمكن من تسجيل الدخول به بعد الآن: { $name }.
passkey-removed = تمت إزالة مفتاح المرور.
forget-device-title = نسيان هذا الجهاز؟
forget-device-lead = في المرة القادمة عليه أن يثبت أنه لك: { $name }.
device-forgotten = تم نسيان الجهاز.
end-session-title = تسجيل الخروج من هناك؟
end-session-lead = على من يستخدمه تسجيل الدخول من جديد: { $name }.
session-ended = تم تسجيل خروجك من هناك.
turn-off-title = إيقاف هذه الخطوة الثانية؟
turn-off-lead = لن تُطلب منك عند تسجيل الدخول بعد الآن: { $name }.
sign-out-everywhere-title = تسجيل الخروج من كل مكان؟
sign-out-everywhere-lead = عليك تسجيل الدخول من جديد على جميع أجهزتك، بما فيها هذا الجهاز.
no-account-title = لا توجد صفحة حساب هنا
no-account-lead = لا يعرض هذا التطبيق الحسابات هنا. ارجع إليه.
address-needed = تُرسل رموز تسجيل الدخول إلى هذا العنوان. أوقف تلك الخطوة الثانية أولًا.

## Devices without a browser

device-title = ربط جهاز
device-lead = أدخل الرمز الذي يعرضه جهازك.
label-device-code = الرمز على الجهاز
device-code-wrong = الرمز غير صحيح أو انتهت صلاحيته. تحقّق من الجهاز.
allow-device-title = هل تريد ربط هذا الجهاز؟
allow-device-lead = يريد { "\u2068" }{ $app }{ "\u2069" } على جهاز آخر تسجيل الدخول باسم { "\u2068" }{ $name }{ "\u2069" }.
allow-device-caution = تابع فقط إذا كنت أنت من بدأ ذلك وكان جهازك يعرض { "\u2066" }{ $code }{ "\u2069" }.
button-allow-device = ربط
button-refuse-device = عدم الربط
device-allowed-title = تم ربط جهازك
device-allowed-lead = تابع على الجهاز. يمكنك إغلاق هذه الصفحة.
device-refused-title = لم يُربط الجهاز
device-refused-lead = يمكنك إغلاق هذه الصفحة.
device-old-title = لم يعد هذا الرمز صالحًا
device-old-lead = ابدأ من جديد على الجهاز، وسيعرض رمزًا آخر.

## Messages that are asked for at a page

message-code-subject = رمزك
message-code = رمزك هو { "\u2066" }{ $code }{ "\u2069" }.
message-link-subject = تأكيد عنوانك
message-link = افتح هذا الرابط لتأكيد عنوان بريدك الإلكتروني. { $link }
message-link-text = تأكيد العنوان
message-sign-in-subject = رمز تسجيل الدخول
message-sign-in = رمز تسجيل دخولك هو { "\u2066" }{ $code }{ "\u2069" }.
