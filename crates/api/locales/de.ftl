# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = Anmelden
sign-in-lead = weiter zu { $app }
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = Benutzername
label-email = E-Mail-Adresse
label-phone = Telefonnummer
label-email-or-phone = E-Mail-Adresse oder Telefonnummer
label-password = Passwort
button-sign-in = Anmelden
link-forgot-password = Passwort vergessen?
# Leads to the page where somebody makes an account.
no-account = Neu hier?
link-sign-up = Konto erstellen
signed-in-as = Du bist als { $name } angemeldet.
button-continue-as = Weiter als { $name }
link-other-account = Anderes Konto verwenden

link-other-way = Auf andere Weise anmelden
choose-title = Wie möchtest du dich anmelden?
choice-password = Passwort
choice-passkey = Passkey
choice-email = Code per E-Mail
choice-sms = Code per SMS
password-title = Gib dein Passwort ein
passkey-title = Verwende deinen Passkey
passkey-lead = Dein Browser wird dich bitten zu bestätigen, dass du es bist.
button-passkey = Passkey verwenden
passkey-needs-script = Passkeys brauchen JavaScript, und das ist in diesem Browser ausgeschaltet. Melde dich auf andere Weise an.
passkey-failed = Das hat mit diesem Passkey nicht geklappt. Versuch es noch einmal oder melde dich auf andere Weise an.

## One-time codes

code-title = Gib deinen Code ein
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = Wir haben einen Code an { $destination } gesendet.
code-app = Gib den Code ein, den deine Authenticator-App anzeigt.
# $name is what the user calls the authenticator app.
code-app-named = Gib den Code ein, den { $name } anzeigt.
label-code = Code
button-continue = Weiter
button-busy = Einen Moment …
link-start-over = Von vorn beginnen

## Choosing and setting up a second factor

select-title = Wie möchtest du bestätigen, dass du es bist?
factor-app = Authenticator-App
factor-sms = SMS
factor-email = E-Mail
other-factor-lead = Anders:
setup-title = Schütze dein Konto
setup-lead = Dein Konto braucht beim Anmelden einen zweiten Schritt. Wähle aus, welchen du einrichten möchtest.
setup-app-title = Richte deine Authenticator-App ein
setup-app-lead = Scanne dieses Bild mit der App oder gib den Schlüssel von Hand ein. Gib dann den Code ein, den die App anzeigt.
setup-app-key = Schlüssel
setup-email-lead = An welche E-Mail-Adresse sollen wir Codes senden?
setup-sms-lead = An welche Telefonnummer sollen wir Codes senden?
setup-app-image = Ein QR-Code für deine Authenticator-App

## New passwords

new-password-title = Wähle ein neues Passwort
new-password-lead = Dein bisheriges Passwort war nur ein vorläufiges.
label-new-password = Neues Passwort
button-save-password = Passwort speichern
rules-title = Dein Passwort braucht
rule-length =
    { $count ->
        [one] mindestens ein Zeichen
       *[other] mindestens { $count } Zeichen
    }
rule-upper = einen Großbuchstaben
rule-lower = einen Kleinbuchstaben
rule-digit = eine Ziffer
rule-symbol = ein Sonderzeichen, zum Beispiel ! oder -
button-show-password = Passwort anzeigen
button-hide-password = Passwort verbergen

## Making an account

sign-up-title = Erstelle dein Konto
button-sign-up = Konto erstellen
have-account = Hast du schon ein Konto?
link-sign-in = Anmelden
confirm-title = Bestätige dein Konto
confirm-lead = Gib den Code ein, den wir dir gesendet haben.
button-confirm = Konto bestätigen
resend-lead = Kein Code da?
button-resend = Neuen Code senden
button-resend-in = Neuen Code senden in { $time }
code-resent = Ein neuer Code ist unterwegs.
confirmed = Dein Konto ist bereit. Du kannst dich jetzt anmelden.
waits-title = Dein Konto wurde erstellt
waits-lead = Es wird noch für dich freigeschaltet, dann kannst du dich anmelden.

## Attributes, by the names that OpenID Connect gives them

attribute-address = Adresse
attribute-birthdate = Geburtsdatum
attribute-email = E-Mail-Adresse
attribute-family_name = Nachname
attribute-gender = Geschlecht
attribute-given_name = Vorname
attribute-locale = Sprache
attribute-middle_name = Zweiter Vorname
attribute-name = Vollständiger Name
attribute-nickname = Spitzname
attribute-phone_number = Telefonnummer
attribute-picture = Bild (eine Webadresse)
attribute-preferred_username = Anzeigename
attribute-profile = Profil (eine Webadresse)
attribute-website = Website
attribute-zoneinfo = Zeitzone
hint-phone = Mit der Ländervorwahl, zum Beispiel +1 555 0100.
hint-date = Jahr, Monat und Tag, zum Beispiel 2001-12-31.
label-country = Land

## Forgotten passwords

forgot-title = Setze dein Passwort zurück
forgot-lead = Wir senden dir einen Code, mit dem du ein neues wählen kannst.
button-send-code = Code senden
reset-title = Wähle ein neues Passwort
reset-lead = Falls es ein solches Konto gibt, haben wir einen Code an { $destination } gesendet.
button-reset = Passwort speichern
password-saved = Dein Passwort wurde geändert. Melde dich mit dem neuen an.

## Passkeys on an account

add-passkey-title = Füge einen Passkey hinzu
add-passkey-lead = Beim nächsten Mal kannst du dich mit deinem Fingerabdruck, deinem Gesicht oder deiner Bildschirmsperre anmelden.
button-add-passkey = Passkey hinzufügen
link-not-now = Nicht jetzt

## Signing out

signed-out-title = Du bist abgemeldet
signed-out-lead = Du kannst diese Seite schließen.
sign-out-title = Abmelden?
sign-out-lead = Du musst dich in diesem Browser dann wieder neu anmelden.
button-sign-out = Abmelden

## The foot of each page

language-label = Sprache
button-choose-language = Diese Sprache verwenden

## What went wrong

error-summary = Bitte sieh dir das noch einmal an
error-title = Etwas hat nicht geklappt
error-lead = Geh zurück zur App und versuch es noch einmal.
error-client-title = Wir kennen diese App nicht
error-client-lead = Der Link, der dich hierher gebracht hat, nennt keine App, die wir kennen. Geh zurück und versuch es noch einmal.
error-redirect-title = Dieser Link führt nicht zurück
error-redirect-lead = Die App möchte, dass wir dich zu einer Adresse schicken, die sie nicht registriert hat. Wer die App gemacht hat, kann das in Ordnung bringen.
error-request-title = Dieser Link stimmt nicht
error-request-lead = Etwas darin fehlt oder kommt doppelt vor. Geh zurück zur App und versuch es noch einmal.
error-busy = Hier ist gerade viel los. Bitte versuch es gleich noch einmal.
wrong-password = Dieser Name und dieses Passwort passen nicht zusammen. Bitte versuch es noch einmal.
unknown-user = Es gibt kein Konto mit diesem Namen.
too-many = Das waren zu viele Versuche. Bitte warte eine Weile und versuch es dann noch einmal.
user-disabled = Dieses Konto ist deaktiviert.
must-reset = Dein Passwort muss geändert werden, bevor du dich anmelden kannst. Wir können dir dafür einen Code senden.
temporary-expired = Dein vorläufiges Passwort ist abgelaufen. Frag die Person, von der du es hast, nach einem neuen.
wrong-code = Dieser Code stimmt nicht. Bitte prüfe ihn und versuch es noch einmal.
expired-code = Dieser Code ist abgelaufen oder wurde schon verwendet. Wir können dir einen neuen senden.
used-code = Dieser Code wurde schon verwendet. Warte auf den nächsten.
session-expired = Das hat ein bisschen zu lange gedauert. Bitte melde dich noch einmal an.
page-expired = Diese Seite war eine ganze Weile geöffnet. Bitte versuch es noch einmal.
not-permitted = Hier kannst du nicht selbst ein Konto erstellen.
name-taken = Es gibt schon ein Konto mit diesem Namen.
address-taken = Es gibt schon ein Konto mit diesen Kontaktdaten.
password-rules = Dieses Passwort entspricht noch nicht den Regeln unten.
password-leaked = Dieses Passwort ist aus einem Datenleck bekannt. Bitte wähle ein anderes.
password-used = Dieses Passwort hast du schon einmal verwendet. Bitte wähle ein anderes.
cannot-send = Wir können an dieses Konto keinen Code senden. Wer das Konto verwaltet, kann dir helfen.
not-set-up = Für dieses Konto gibt es keine Möglichkeit zu bestätigen, dass du es bist. Wer das Konto verwaltet, kann dir helfen.
blocked = Wir können dich von hier aus gerade nicht anmelden. Wer die App verwaltet, kann dir helfen.
already-confirmed = Dieses Konto ist schon bestätigt. Du kannst dich anmelden.
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = Bitte prüfe deine Eingabe: { $reason }
unfit-missing = { $label }: Bitte fülle das aus.
unfit-email = { $label }: Bitte gib eine Adresse wie ada@example.com ein.
unfit-phone = { $label }: Bitte gib eine Nummer mit Ländervorwahl ein, zum Beispiel +1 555 0100.
unfit-address = { $label }: Bitte gib eine Adresse wie ada@example.com oder eine Nummer wie +1 555 0100 ein.
unfit-name = { $label }: Bitte wähle einen Namen ohne Leerzeichen mit höchstens 256 Zeichen.
unfit-like-email = { $label }: Bitte wähle einen Namen, der nicht wie eine E-Mail-Adresse aussieht.
unfit-like-phone = { $label }: Bitte wähle einen Namen, der nicht wie eine Telefonnummer aussieht.
unfit-fixed = { $label }: Das lässt sich hier nicht ändern.
unfit-short = { $label }: bitte mindestens { $count } Zeichen.
unfit-long = { $label }: bitte höchstens { $count } Zeichen.
unfit-date = { $label }: Bitte gib Jahr, Monat und Tag ein, zum Beispiel 2001-12-31.
unfit-number = { $label }: Bitte gib eine ganze Zahl ein.
unfit-small = { $label }: bitte { $count } oder mehr.
unfit-large = { $label }: bitte { $count } oder weniger.
unfit-boolean = { $label }: Bitte gib true oder false ein.
unfit-time = { $label }: Bitte gib Datum und Uhrzeit ein, zum Beispiel 2001-12-31T18:30:00Z.

agreement = Mit der Registrierung stimmst du diesen Dokumenten zu: { $terms } und { $privacy }.
link-terms = Nutzungsbedingungen
link-privacy = Datenschutzerklärung
stranger = { $app } hat sich hier selbst eingetragen; niemand hat das geprüft. Wenn du weitermachst, erfährt die App, wer du bist, und du kommst zu { $place }.
stranger-scopes = Außerdem darf sie für dich handeln: { $scopes }.

link-confirm-title = Bestätige deine Adresse
link-confirm-lead = Ein Druck auf die Schaltfläche, und dein Konto ist bereit.
link-confirmed-title = Dein Konto ist bereit
link-confirmed-lead = Du kannst diese Seite schließen und dich anmelden.
link-old-title = Dieser Link gilt nicht mehr
link-confirm-old = Vielleicht wurde er schon benutzt, oder es wurde ein neuerer verschickt. Melde dich an oder fordere einen neuen an.
feedback-title = Zu dieser Anmeldung
feedback-valid = Du sagst, dass du es warst. Gerät und Ort sind von da an bekannt.
feedback-invalid = Du sagst, dass du es nicht warst. Ändere auch dein Passwort, wenn du noch kannst.
button-was-me = Das war ich
button-was-not-me = Das war ich nicht
feedback-done-title = Danke
feedback-done-lead = Du kannst diese Seite schließen.
feedback-old = Vielleicht ist er zu alt. Dein Passwort kannst du jederzeit ändern.

## The account

account-title = Dein Konto
link-keep = Alles so lassen
link-back-to-app = Zurück zu { $app }
account-profile = Über dich
button-edit = Bearbeiten
state-unconfirmed = Noch nicht bestätigt
button-confirm-address = Bestätigen
password-is-set = Du meldest dich mit einem Passwort an.
password-is-missing = Du hast noch kein Passwort.
button-change = Passwort ändern
button-set-password = Passwort festlegen
account-factors = Zweiter Schritt bei der Anmeldung
account-factors-lead = Ein zweiter Schritt hält andere fern, selbst wenn sie dein Passwort kennen.
button-set-up = Einrichten
button-another-app = Andere App einrichten
button-ask-first = Zuerst danach fragen
button-turn-on = Einschalten
button-turn-off = Ausschalten
state-on = Ein
state-off = Aus
state-first = Wird zuerst verlangt
account-passkeys = Passkeys
passkey-of-device = Passkey auf einem Gerät
passkey-portable = Passkey zum Mitnehmen
added-on = Hinzugefügt am { $date }
button-remove = Entfernen
account-devices = Geräte
unknown-device = Unbekanntes Gerät
last-used-on = Zuletzt benutzt am { $date }
button-forget = Vergessen
account-sessions = Wo du angemeldet bist
account-sessions-untracked = Wenn du ein Gerät verloren hast, melde dich überall ab.
this-browser = Dieser Browser
button-sign-out-everywhere = Überall abmelden
profile-title = Über dich
button-save = Speichern
profile-saved = Deine Änderungen wurden gespeichert.
address-title = Adresse bestätigen
address-confirmed = Deine Adresse ist bestätigt.
change-password-title = Passwort ändern
label-current-password = Bisheriges Passwort
wrong-current-password = Das ist nicht dein bisheriges Passwort. Bitte versuch es noch einmal.
password-changed = Dein Passwort wurde geändert. Überall sonst, wo du angemeldet warst, bist du nun abgemeldet.
factor-turned-on = Bei der Anmeldung wird künftig ein zweiter Schritt verlangt.
factor-turned-off = Danach wirst du nicht mehr gefragt.
factor-needed = Dein Konto braucht einen zweiten Schritt. Schalte zuerst einen anderen ein.
remove-passkey-title = Diesen Passkey entfernen?
remove-passkey-lead = Damit kannst du dich nicht mehr anmelden: { $name }.
passkey-removed = Der Passkey wurde entfernt.
forget-device-title = Dieses Gerät vergessen?
forget-device-lead = Beim nächsten Mal muss es wieder zeigen, dass es deins ist: { $name }.
device-forgotten = Das Gerät wurde vergessen.
end-session-title = Dort abmelden?
end-session-lead = Wer es benutzt, muss sich neu anmelden: { $name }.
session-ended = Du bist dort abgemeldet.
turn-off-title = Diesen zweiten Schritt ausschalten?
turn-off-lead = Bei der Anmeldung wirst du nicht mehr danach gefragt: { $name }.
sign-out-everywhere-title = Überall abmelden?
sign-out-everywhere-lead = Du musst dich auf allen deinen Geräten neu anmelden, auch auf diesem.
no-account-title = Hier gibt es keine Kontoseite
no-account-lead = Diese App zeigt Konten nicht hier. Geh zu ihr zurück.
address-needed = An diese Adresse gehen Codes bei der Anmeldung. Schalte zuerst diesen zweiten Schritt aus.

## Devices without a browser

device-title = Gerät verbinden
device-lead = Gib den Code ein, den dein Gerät zeigt.
label-device-code = Code auf dem Gerät
device-code-wrong = Dieser Code stimmt nicht oder ist abgelaufen. Bitte sieh auf dem Gerät nach.
allow-device-title = Dieses Gerät verbinden?
allow-device-lead = { $app } möchte sich auf einem anderen Gerät als { $name } anmelden.
allow-device-caution = Mach nur weiter, wenn du das selbst begonnen hast und dein Gerät { $code } zeigt.
button-allow-device = Verbinden
button-refuse-device = Nicht verbinden
device-allowed-title = Dein Gerät ist verbunden
device-allowed-lead = Mach am Gerät weiter. Du kannst diese Seite schließen.
device-refused-title = Das Gerät wurde nicht verbunden
device-refused-lead = Du kannst diese Seite schließen.
device-old-title = Dieser Code gilt nicht mehr
device-old-lead = Fang am Gerät noch einmal an. Es zeigt dann einen anderen Code.

## Messages that are asked for at a page

message-code-subject = Dein Code
message-code = Dein Code ist { $code }.
message-link-subject = Bestätige deine Adresse
message-link = Öffne diesen Link, um deine E-Mail-Adresse zu bestätigen. { $link }
message-link-text = Adresse bestätigen
message-sign-in-subject = Dein Code zum Anmelden
message-sign-in = Dein Code zum Anmelden ist { $code }.
