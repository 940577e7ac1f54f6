# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = Masuk
sign-in-lead = untuk melanjutkan ke { $app }
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = Nama pengguna
label-email = Alamat email
label-phone = Nomor telepon
label-email-or-phone = Alamat email atau nomor telepon
label-password = Kata sandi
button-sign-in = Masuk
link-forgot-password = Lupa kata sandi?
# Leads to the page where somebody makes an account.
no-account = Baru di sini?
link-sign-up = Buat akun
signed-in-as = Anda masuk sebagai { $name }.
button-continue-as = Lanjutkan sebagai { $name }
link-other-account = Gunakan akun lain

link-other-way = Masuk dengan cara lain
choose-title = Bagaimana Anda ingin masuk?
choice-password = Kata sandi
choice-passkey = Kunci sandi
choice-email = Kode melalui email
choice-sms = Kode melalui SMS
password-title = Masukkan kata sandi Anda
passkey-title = Gunakan kunci sandi Anda
passkey-lead = Browser Anda akan meminta konfirmasi bahwa ini memang Anda.
button-passkey = Gunakan kunci sandi
passkey-needs-script = Kunci sandi memerlukan JavaScript, yang sedang dinonaktifkan di browser ini. Pilih cara lain untuk masuk.
passkey-failed = Kunci sandi itu tidak berhasil. Coba lagi, atau pilih cara lain.

## One-time codes

code-title = Masukkan kode Anda
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = Kami telah mengirim kode ke { $destination }.
code-app = Masukkan kode yang ditampilkan aplikasi autentikator Anda.
# $name is what the user calls the authenticator app.
code-app-named = Masukkan kode yang ditampilkan { $name }.
label-code = Kode
button-continue = Lanjutkan
button-busy = Sebentar…
link-start-over = Mulai dari awal

## Choosing and setting up a second factor

select-title = Bagaimana Anda ingin mengonfirmasi bahwa ini memang Anda?
factor-app = Aplikasi autentikator
factor-sms = SMS
factor-email = Email
other-factor-lead = Dengan cara lain:
setup-title = Lindungi akun Anda
setup-lead = Akun Anda memerlukan langkah kedua saat masuk. Pilih salah satu untuk disiapkan.
setup-app-title = Siapkan aplikasi autentikator Anda
setup-app-lead = Pindai gambar ini dengan aplikasi, atau masukkan kunci secara manual. Lalu masukkan kode yang ditampilkan aplikasi.
setup-app-key = Kunci
setup-email-lead = Ke alamat email mana kami sebaiknya mengirim kode?
setup-sms-lead = Ke nomor telepon mana kami sebaiknya mengirim kode?
setup-app-image = Kode QR untuk aplikasi autentikator Anda

## New passwords

new-password-title = Pilih kata sandi baru
new-password-lead = Kata sandi Anda sebelumnya hanya sementara.
label-new-password = Kata sandi baru
button-save-password = Simpan kata sandi
rules-title = Kata sandi Anda memerlukan
rule-length = sedikitnya { $count } karakter
rule-upper = satu huruf besar
rule-lower = satu huruf kecil
rule-digit = satu angka
rule-symbol = satu simbol, misalnya ! atau -
button-show-password = Tampilkan kata sandi
button-hide-password = Sembunyikan kata sandi

## Making an account

sign-up-title = Buat akun Anda
button-sign-up = Buat akun
have-account = Sudah punya akun?
link-sign-in = Masuk
confirm-title = Konfirmasi akun Anda
confirm-lead = Masukkan kode yang kami kirim kepada Anda.
button-confirm = Konfirmasi akun
resend-lead = Kode belum sampai?
button-resend = Kirim kode baru
button-resend-in = Kirim kode baru dalam { $time }
code-resent = Kode baru sedang dikirim.
confirmed = Akun Anda sudah siap. Sekarang Anda dapat masuk.
waits-title = Akun Anda telah dibuat
waits-lead = Akun ini akan dibukakan untuk Anda terlebih dahulu, setelah itu Anda dapat masuk.

## Attributes, by the names that OpenID Connect gives them

attribute-address = Alamat
attribute-birthdate = Tanggal lahir
attribute-email = Alamat email
attribute-family_name = Nama belakang
attribute-gender = Jenis kelamin
attribute-given_name = Nama depan
attribute-locale = Bahasa
attribute-middle_name = Nama tengah
attribute-name = Nama lengkap
attribute-nickname = Nama panggilan
attribute-phone_number = Nomor telepon
attribute-picture = Gambar (alamat web)
attribute-preferred_username = Nama tampilan
attribute-profile = Profil (alamat web)
attribute-website = Situs web
attribute-zoneinfo = Zona waktu
hint-phone = Dengan kode negara, misalnya +1 555 0100.
hint-date = Tahun, bulan, dan tanggal, misalnya 2001-12-31.
label-country = Negara

## Forgotten passwords

forgot-title = Atur ulang kata sandi Anda
forgot-lead = Kami akan mengirim kode agar Anda dapat memilih kata sandi baru.
button-send-code = Kirim kode
reset-title = Pilih kata sandi baru
reset-lead = Jika akun tersebut memang ada, kami telah mengirim kode ke { $destination }.
button-reset = Simpan kata sandi
password-saved = Kata sandi Anda telah diubah. Masuklah dengan kata sandi yang baru.

## Passkeys on an account

add-passkey-title = Tambahkan kunci sandi
add-passkey-lead = Lain kali Anda dapat masuk dengan sidik jari, wajah, atau kunci layar Anda.
button-add-passkey = Tambahkan kunci sandi
link-not-now = Nanti saja

## Signing out

signed-out-title = Anda telah keluar
signed-out-lead = Anda dapat menutup halaman ini.
sign-out-title = Keluar dari akun?
sign-out-lead = Anda perlu masuk lagi di browser ini.
button-sign-out = Keluar

## The foot of each page

language-label = Bahasa
button-choose-language = Gunakan bahasa ini

## What went wrong

error-summary = Mohon periksa bagian ini
error-title = Ada yang tidak beres
error-lead = Kembali ke aplikasi dan coba lagi.
error-client-title = Kami tidak mengenal aplikasi ini
error-client-lead = Tautan yang membawa Anda ke sini tidak menyebut aplikasi yang kami kenal. Kembali dan coba lagi.
error-redirect-title = Tautan ini tidak mengarah kembali
error-redirect-lead = Aplikasi meminta kami mengarahkan Anda ke alamat yang belum didaftarkannya. Pembuat aplikasi dapat memperbaikinya.
error-request-title = Tautan ini tidak benar
error-request-lead = Ada bagian yang hilang atau muncul dua kali di dalamnya. Kembali ke aplikasi dan coba lagi.
error-busy = Saat ini sedang ramai sekali. Mohon coba lagi sebentar lagi.
wrong-password = Nama dan kata sandi itu tidak cocok. Mohon coba lagi.
unknown-user = Tidak ada akun dengan nama itu.
too-many = Sudah terlalu banyak percobaan. Mohon tunggu beberapa saat, lalu coba lagi.
user-disabled = Akun ini dinonaktifkan.
must-reset = Kata sandi Anda harus diubah sebelum Anda dapat masuk. Kami dapat mengirim kode untuk itu.
temporary-expired = Kata sandi sementara Anda sudah tidak berlaku. Mintalah yang baru kepada orang yang memberikannya.
wrong-code = Kode itu tidak benar. Mohon periksa dan coba lagi.
expired-code = Kode itu sudah tidak berlaku atau sudah digunakan. Kami dapat mengirim kode baru.
used-code = Kode itu sudah digunakan. Tunggu kode berikutnya.
session-expired = Prosesnya agak terlalu lama. Mohon masuk lagi.
page-expired = Halaman ini sudah cukup lama terbuka. Mohon coba lagi.
not-permitted = Anda tidak dapat membuat akun sendiri di sini.
name-taken = Sudah ada akun dengan nama itu.
address-taken = Sudah ada akun dengan kontak itu.
password-rules = Kata sandi itu belum sesuai dengan aturan di bawah.
password-leaked = Kata sandi itu diketahui pernah bocor. Mohon pilih yang lain.
password-used = Kata sandi itu pernah Anda gunakan. Mohon pilih yang lain.
cannot-send = Kami tidak dapat mengirim kode ke akun ini. Administratornya dapat membantu.
not-set-up = Akun ini tidak memiliki cara untuk memastikan bahwa ini memang Anda. Administratornya dapat membantu.
blocked = Saat ini Anda belum dapat masuk dari sini. Administrator aplikasi dapat membantu.
already-confirmed = Akun ini sudah dikonfirmasi. Anda dapat masuk.
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = Mohon periksa isian Anda: { $reason }
unfit-missing = { $label }: mohon diisi.
unfit-email = { $label }: mohon masukkan alamat seperti ada@example.com.
unfit-phone = { $label }: mohon masukkan nomor dengan kode negara, misalnya +1 555 0100.
unfit-address = { $label }: mohon masukkan alamat seperti ada@example.com, atau nomor seperti +1 555 0100.
unfit-name = { $label }: mohon pilih nama tanpa spasi, paling banyak 256 karakter.
unfit-like-email = { $label }: mohon pilih nama yang tidak mirip alamat email.
unfit-like-phone = { $label }: mohon pilih nama yang tidak mirip nomor telepon.
unfit-fixed = { $label }: ini tidak dapat diubah di sini.
unfit-short = { $label }: sedikitnya { $count } karakter.
unfit-long = { $label }: paling banyak { $count } karakter.
unfit-date = { $label }: mohon masukkan tahun, bulan, dan tanggal, misalnya 2001-12-31.
unfit-number = { $label }: mohon masukkan bilangan bulat.
unfit-small = { $label }: mohon masukkan { $count } atau lebih.
unfit-large = { $label }: mohon masukkan { $count } atau kurang.
unfit-boolean = { $label }: mohon masukkan true atau false.
unfit-time = { $label }: mohon masukkan tanggal dan waktu, misalnya 2001-12-31T18:30:00Z.

agreement = Dengan mendaftar, Anda menyetujui { $terms } dan { $privacy } kami.
link-terms = Ketentuan penggunaan
link-privacy = Kebijakan privasi
stranger = { $app } mendaftarkan dirinya sendiri di sini; belum ada yang memeriksanya. Jika Anda melanjutkan, aplikasi ini akan tahu siapa Anda, dan Anda dibawa ke { $place }.
stranger-scopes = Aplikasi ini juga dapat bertindak atas nama Anda: { $scopes }.

link-confirm-title = Konfirmasi alamat Anda
link-confirm-lead = Tekan tombol ini sekali, dan akun Anda siap.
link-confirmed-title = Akun Anda siap
link-confirmed-lead = Anda dapat menutup halaman ini dan masuk.
link-old-title = Tautan ini tidak berlaku lagi
link-confirm-old = Mungkin sudah digunakan, atau yang lebih baru telah dikirim. Masuk, atau minta yang baru.
feedback-title = Tentang upaya masuk itu
feedback-valid = Anda menyatakan bahwa itu Anda. Perangkat dan tempatnya akan dikenali mulai sekarang.
feedback-invalid = Anda menyatakan bahwa itu bukan Anda. Ubah juga kata sandi Anda, jika masih bisa.
button-was-me = Itu saya
button-was-not-me = Itu bukan saya
feedback-done-title = Terima kasih
feedback-done-lead = Anda dapat menutup halaman ini.
feedback-old = Mungkin sudah terlalu lama. Anda selalu dapat mengubah kata sandi.

## The account

account-title = Akun Anda
link-keep = Biarkan seperti ini
link-back-to-app = Kembali ke { $app }
account-profile = Tentang Anda
button-edit = Ubah
state-unconfirmed = Belum dikonfirmasi
button-confirm-address = Konfirmasi
password-is-set = Anda masuk dengan kata sandi.
password-is-missing = Anda belum memiliki kata sandi.
button-change = Ganti kata sandi
button-set-password = Buat kata sandi
account-factors = Langkah kedua saat masuk
account-factors-lead = Langkah kedua mencegah orang lain masuk, meskipun mereka tahu kata sandi Anda.
button-set-up = Siapkan
button-another-app = Siapkan aplikasi lain
button-ask-first = Minta ini lebih dulu
button-turn-on = Aktifkan
button-turn-off = Nonaktifkan
state-on = Aktif
state-off = Nonaktif
state-first = Diminta lebih dulu
account-passkeys = Kunci sandi
passkey-of-device = Kunci sandi di perangkat
passkey-portable = Kunci sandi yang Anda bawa
added-on = Ditambahkan pada { $date }
button-remove = Hapus
account-devices = Perangkat
unknown-device = Perangkat tidak dikenal
last-used-on = Terakhir digunakan pada { $date }
button-forget = Lupakan
account-sessions = Tempat Anda masuk
account-sessions-untracked = Jika Anda kehilangan perangkat, keluarlah di semua tempat.
this-browser = Peramban ini
button-sign-out-everywhere = Keluar di semua tempat
profile-title = Tentang Anda
button-save = Simpan
profile-saved = Perubahan Anda telah disimpan.
address-title = Konfirmasi alamat Anda
address-confirmed = Alamat Anda telah dikonfirmasi.
change-password-title = Ganti kata sandi Anda
label-current-password = Kata sandi saat ini
wrong-current-password = Itu bukan kata sandi Anda saat ini. Silakan coba lagi.
password-changed = Kata sandi Anda telah diganti. Anda telah keluar di semua tempat lain.
factor-turned-on = Anda akan diminta melakukan langkah kedua saat masuk.
factor-turned-off = Anda tidak akan diminta lagi.
factor-needed = Akun Anda memerlukan langkah kedua. Aktifkan yang lain lebih dulu.
remove-passkey-title = Hapus kunci sandi ini?
remove-passkey-lead = Anda tidak dapat lagi masuk dengannya: { $name }.
passkey-removed = Kunci sandi telah dihapus.
forget-device-title = Lupakan perangkat ini?
forget-device-lead = Lain kali perangkat harus membuktikan bahwa itu milik Anda: { $name }.
device-forgotten = Perangkat telah dilupakan.
end-session-title = Keluar di sana?
end-session-lead = Siapa pun yang menggunakannya harus masuk lagi: { $name }.
session-ended = Anda telah keluar di sana.
turn-off-title = Nonaktifkan langkah kedua ini?
turn-off-lead = Anda tidak akan lagi diminta saat masuk: { $name }.
sign-out-everywhere-title = Keluar di semua tempat?
sign-out-everywhere-lead = Anda harus masuk lagi di semua perangkat Anda, termasuk yang ini.
no-account-title = Tidak ada halaman akun di sini
no-account-lead = Aplikasi ini tidak menampilkan akun di sini. Kembalilah ke aplikasi.
address-needed = Kode saat masuk dikirim ke alamat itu. Nonaktifkan dulu langkah kedua tersebut.

## Devices without a browser

device-title = Hubungkan perangkat
device-lead = Masukkan kode yang ditampilkan perangkat Anda.
label-device-code = Kode di perangkat
device-code-wrong = Kode itu tidak benar atau sudah kedaluwarsa. Periksa perangkat Anda.
allow-device-title = Hubungkan perangkat ini?
allow-device-lead = { $app } di perangkat lain ingin masuk sebagai { $name }.
allow-device-caution = Lanjutkan hanya jika Anda sendiri yang memulainya dan perangkat Anda menampilkan { $code }.
button-allow-device = Hubungkan
button-refuse-device = Jangan hubungkan
device-allowed-title = Perangkat Anda terhubung
device-allowed-lead = Lanjutkan di perangkat. Anda dapat menutup halaman ini.
device-refused-title = Perangkat tidak dihubungkan
device-refused-lead = Anda dapat menutup halaman ini.
device-old-title = Kode itu tidak berlaku lagi
device-old-lead = Mulai lagi di perangkat. Kode lain akan ditampilkan.

## Messages that are asked for at a page

message-code-subject = Kode Anda
message-code = Kode Anda adalah { $code }.
message-link-subject = Konfirmasi alamat Anda
message-link = Buka tautan ini untuk mengonfirmasi alamat email Anda. { $link }
message-link-text = Konfirmasi alamat
message-sign-in-subject = Kode masuk Anda
message-sign-in = Kode masuk Anda adalah { $code }.
