# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = Accedi
sign-in-lead = per continuare su { $app }
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = Nome utente
label-email = Indirizzo email
label-phone = Numero di telefono
label-email-or-phone = Indirizzo email o numero di telefono
label-password = Password
button-sign-in = Accedi
link-forgot-password = Hai dimenticato la password?
# Leads to the page where somebody makes an account.
no-account = È la prima volta qui?
link-sign-up = Crea un account
signed-in-as = Hai eseguito l’accesso come { $name }.
button-continue-as = Continua come { $name }
link-other-account = Usa un altro account

link-other-way = Accedi in un altro modo
choose-title = Come vuoi accedere?
choice-password = Password
choice-passkey = Passkey
choice-email = Codice via email
choice-sms = Codice via SMS
password-title = Inserisci la tua password
passkey-title = Usa la tua passkey
passkey-lead = Il browser ti chiederà di confermare che sei tu.
button-passkey = Usa la passkey
passkey-needs-script = Le passkey hanno bisogno di JavaScript, che in questo browser è disattivato. Scegli un altro modo per accedere.
passkey-failed = Questa passkey non ha funzionato. Riprova o scegli un altro modo.

## One-time codes

code-title = Inserisci il codice
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = Abbiamo inviato un codice a { $destination }.
code-app = Inserisci il codice che vedi nella tua app di autenticazione.
# $name is what the user calls the authenticator app.
code-app-named = Inserisci il codice che vedi in { $name }.
label-code = Codice
button-continue = Continua
button-busy = Un momento…
link-start-over = Ricomincia

## Choosing and setting up a second factor

select-title = Come vuoi confermare che sei tu?
factor-app = App di autenticazione
factor-sms = SMS
factor-email = Email
other-factor-lead = In un altro modo:
setup-title = Proteggi il tuo account
setup-lead = Il tuo account ha bisogno di un secondo passaggio all’accesso. Scegli quale configurare.
setup-app-title = Configura la tua app di autenticazione
setup-app-lead = Inquadra questa immagine con l’app o inserisci la chiave a mano. Poi inserisci il codice che vedi nell’app.
setup-app-key = Chiave
setup-email-lead = A quale indirizzo email dobbiamo inviare i codici?
setup-sms-lead = A quale numero di telefono dobbiamo inviare i codici?
setup-app-image = Un codice QR per la tua app di autenticazione

## New passwords

new-password-title = Scegli una nuova password
new-password-lead = La tua password era temporanea.
label-new-password = Nuova password
button-save-password = Salva la password
rules-title = La tua password deve avere
rule-length =
    { $count ->
        [one] almeno un carattere
        [many] almeno { $count } di caratteri
       *[other] almeno { $count } caratteri
    }
rule-upper = una lettera maiuscola
rule-lower = una lettera minuscola
rule-digit = una cifra
rule-symbol = un simbolo, come ! o -
button-show-password = Mostra la password
button-hide-password = Nascondi la password

## Making an account

sign-up-title = Crea il tuo account
button-sign-up = Crea account
have-account = Hai già un account?
link-sign-in = Accedi
confirm-title = Conferma il tuo account
confirm-lead = Inserisci il codice che ti abbiamo inviato.
button-confirm = Conferma account
resend-lead = Il codice non è arrivato?
button-resend = Invia un nuovo codice
button-resend-in = Invia un nuovo codice tra { $time }
code-resent = Un nuovo codice è in arrivo.
confirmed = Il tuo account è pronto. Ora puoi accedere.
waits-title = Il tuo account è stato creato
waits-lead = Deve ancora essere attivato per te, poi potrai accedere.

## Attributes, by the names that OpenID Connect gives them

attribute-address = Indirizzo
attribute-birthdate = Data di nascita
attribute-email = Indirizzo email
attribute-family_name = Cognome
attribute-gender = Genere
attribute-given_name = Nome
attribute-locale = Lingua
attribute-middle_name = Secondo nome
attribute-name = Nome completo
attribute-nickname = Soprannome
attribute-phone_number = Numero di telefono
attribute-picture = Immagine (un indirizzo web)
attribute-preferred_username = Nome visualizzato
attribute-profile = Profilo (un indirizzo web)
attribute-website = Sito web
attribute-zoneinfo = Fuso orario
hint-phone = Con il prefisso internazionale, per esempio +1 555 0100.
hint-date = Anno, mese e giorno, per esempio 2001-12-31.
label-country = Paese

## Forgotten passwords

forgot-title = Reimposta la tua password
forgot-lead = Ti invieremo un codice per sceglierne una nuova.
button-send-code = Invia codice
reset-title = Scegli una nuova password
reset-lead = Se questo account esiste, abbiamo inviato un codice a { $destination }.
button-reset = Salva la password
password-saved = La tua password è stata cambiata. Accedi con quella nuova.

## Passkeys on an account

add-passkey-title = Aggiungi una passkey
add-passkey-lead = La prossima volta potrai accedere con l’impronta digitale, il volto o il blocco schermo.
button-add-passkey = Aggiungi passkey
link-not-now = Non ora

## Signing out

signed-out-title = Hai eseguito la disconnessione
signed-out-lead = Puoi chiudere questa pagina.
sign-out-title = Vuoi uscire?
sign-out-lead = Dovrai accedere di nuovo in questo browser.
button-sign-out = Esci

## The foot of each page

language-label = Lingua
button-choose-language = Usa questa lingua

## What went wrong

error-summary = Controlla qui, per favore
error-title = Qualcosa è andato storto
error-lead = Torna all’app e riprova.
error-client-title = Non conosciamo questa app
error-client-lead = Il link che ti ha portato qui non indica un’app che conosciamo. Torna indietro e riprova.
error-redirect-title = Questo link non riporta indietro
error-redirect-lead = L’app ci ha chiesto di mandarti a un indirizzo che non ha registrato. Chi l’ha creata può rimediare.
error-request-title = Questo link non è corretto
error-request-lead = Manca qualcosa o qualcosa compare due volte. Torna all’app e riprova.
error-busy = In questo momento c’è molto traffico. Riprova tra un attimo, per favore.
wrong-password = Questo nome e questa password non corrispondono. Riprova, per favore.
unknown-user = Non c’è nessun account con questo nome.
too-many = Ci sono stati troppi tentativi. Aspetta un po’ e riprova, per favore.
user-disabled = Questo account è disattivato.
must-reset = La tua password va cambiata prima che tu possa accedere. Possiamo inviarti un codice per farlo.
temporary-expired = La tua password temporanea è scaduta. Chiedine una nuova a chi te l’ha data.
wrong-code = Questo codice non è corretto. Controllalo e riprova, per favore.
expired-code = Questo codice è scaduto o è già stato usato. Possiamo inviarne uno nuovo.
used-code = Questo codice è già stato usato. Aspetta il prossimo.
session-expired = È passato un po’ troppo tempo. Accedi di nuovo, per favore.
page-expired = Questa pagina è rimasta aperta per un po’. Riprova, per favore.
not-permitted = Qui non puoi creare un account per conto tuo.
name-taken = C’è già un account con questo nome.
address-taken = C’è già un account con questo recapito.
password-rules = Questa password non segue le regole qui sotto.
password-leaked = Questa password risulta in una fuga di dati nota. Scegline un’altra, per favore.
password-used = Hai già usato questa password. Scegline un’altra, per favore.
cannot-send = Non possiamo inviare un codice a questo account. Chi lo amministra può aiutarti.
not-set-up = Per questo account non c’è modo di confermare che sei tu. Chi lo amministra può aiutarti.
blocked = Al momento non possiamo farti accedere da qui. Chi amministra l’app può aiutarti.
already-confirmed = Questo account è già confermato. Puoi accedere.
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = Controlla quello che hai inserito, per favore: { $reason }
unfit-missing = { $label }: compila questo campo, per favore.
unfit-email = { $label }: inserisci un indirizzo come ada@example.com, per favore.
unfit-phone = { $label }: inserisci un numero con il prefisso internazionale, per esempio +1 555 0100.
unfit-address = { $label }: inserisci un indirizzo come ada@example.com oppure un numero come +1 555 0100.
unfit-name = { $label }: scegli un nome senza spazi, di 256 caratteri al massimo.
unfit-like-email = { $label }: scegli un nome che non sembri un indirizzo email.
unfit-like-phone = { $label }: scegli un nome che non sembri un numero di telefono.
unfit-fixed = { $label }: qui non si può cambiare.
unfit-short = { $label }: almeno { $count } caratteri, per favore.
unfit-long = { $label }: al massimo { $count } caratteri, per favore.
unfit-date = { $label }: inserisci anno, mese e giorno, per esempio 2001-12-31.
unfit-number = { $label }: inserisci un numero intero, per favore.
unfit-small = { $label }: { $count } o più, per favore.
unfit-large = { $label }: { $count } o meno, per favore.
unfit-boolean = { $label }: inserisci true o false, per favore.
unfit-time = { $label }: inserisci data e ora, per esempio 2001-12-31T18:30:00Z.

agreement = Registrandoti, accetti questi documenti: { $terms } e { $privacy }.
link-terms = Condizioni d’uso
link-privacy = Informativa sulla privacy
stranger = { $app } si è registrata qui da sola; nessuno l’ha controllata. Se continui, saprà chi sei e verrai portato a { $place }.
stranger-scopes = Potrà anche agire per tuo conto: { $scopes }.

link-confirm-title = Conferma il tuo indirizzo
link-confirm-lead = Premi il pulsante e il tuo account sarà pronto.
link-confirmed-title = Il tuo account è pronto
link-confirmed-lead = Puoi chiudere questa pagina e accedere.
link-old-title = Questo link non funziona più
link-confirm-old = Forse è già stato usato, o ne è stato inviato uno più recente. Accedi o richiedine uno nuovo.
feedback-title = A proposito di quell’accesso
feedback-valid = Dici che eri tu. D’ora in poi il dispositivo e il luogo saranno riconosciuti.
feedback-invalid = Dici che non eri tu. Cambia anche la password, se puoi ancora.
button-was-me = Ero io
button-was-not-me = Non ero io
feedback-done-title = Grazie
feedback-done-lead = Puoi chiudere questa pagina.
feedback-old = Forse è troppo vecchio. Puoi sempre cambiare la password.

## The account

account-title = Il tuo account
link-keep = Lascia così
link-back-to-app = Torna a { $app }
account-profile = Su di te
button-edit = Modifica
state-unconfirmed = Non ancora confermato
button-confirm-address = Conferma
password-is-set = Accedi con una password.
password-is-missing = Non hai ancora una password.
button-change = Cambia password
button-set-password = Imposta una password
account-factors = Secondo passaggio all’accesso
account-factors-lead = Un secondo passaggio tiene fuori gli altri, anche se conoscono la tua password.
button-set-up = Configura
button-another-app = Configura un’altra app
button-ask-first = Chiedi prima questo
button-turn-on = Attiva
button-turn-off = Disattiva
state-on = Attivo
state-off = Disattivato
state-first = Chiesto per primo
account-passkeys = Passkey
passkey-of-device = Passkey su un dispositivo
passkey-portable = Passkey che porti con te
added-on = Aggiunta il { $date }
button-remove = Rimuovi
account-devices = Dispositivi
unknown-device = Dispositivo sconosciuto
last-used-on = Ultimo uso il { $date }
button-forget = Dimentica
account-sessions = Dove hai effettuato l’accesso
account-sessions-untracked = Se hai perso un dispositivo, esci ovunque.
this-browser = Questo browser
button-sign-out-everywhere = Esci ovunque
profile-title = Su di te
button-save = Salva
profile-saved = Le modifiche sono state salvate.
address-title = Conferma il tuo indirizzo
address-confirmed = Il tuo indirizzo è confermato.
change-password-title = Cambia la tua password
label-current-password = Password attuale
wrong-current-password = Non è la tua password attuale. Riprova.
password-changed = La password è stata cambiata. Sei uscito in tutti gli altri posti.
factor-turned-on = Ti verrà chiesto un secondo passaggio quando accedi.
factor-turned-off = Non ti verrà più chiesto.
factor-needed = Il tuo account ha bisogno di un secondo passaggio. Prima attivane un altro.
remove-passkey-title = Rimuovere questa passkey?
remove-passkey-lead = Non potrai più accedere con questa: { $name }.
passkey-removed = La passkey è stata rimossa.
forget-device-title = Dimenticare questo dispositivo?
forget-device-lead = La prossima volta dovrà dimostrare di essere tuo: { $name }.
device-forgotten = Il dispositivo è stato dimenticato.
end-session-title = Uscire da lì?
end-session-lead = Chi lo usa dovrà accedere di nuovo: { $name }.
session-ended = Sei uscito da lì.
turn-off-title = Disattivare questo secondo passaggio?
turn-off-lead = Non ti verrà più chiesto all’accesso: { $name }.
sign-out-everywhere-title = Uscire ovunque?
sign-out-everywhere-lead = Dovrai accedere di nuovo su tutti i tuoi dispositivi, anche su questo.
no-account-title = Qui non c’è una pagina dell’account
no-account-lead = Questa app non mostra qui gli account. Torna all’app.
address-needed = A quell’indirizzo vengono inviati codici all’accesso. Prima disattiva quel secondo passaggio.

## Devices without a browser

device-title = Collega un dispositivo
device-lead = Inserisci il codice mostrato dal dispositivo.
label-device-code = Codice sul dispositivo
device-code-wrong = Il codice non è corretto o è scaduto. Controlla il dispositivo.
allow-device-title = Collegare questo dispositivo?
allow-device-lead = { $app } su un altro dispositivo vuole accedere come { $name }.
allow-device-caution = Continua solo se l’hai iniziato tu e il tuo dispositivo mostra { $code }.
button-allow-device = Collega
button-refuse-device = Non collegare
device-allowed-title = Il dispositivo è collegato
device-allowed-lead = Continua sul dispositivo. Puoi chiudere questa pagina.
device-refused-title = Il dispositivo non è stato collegato
device-refused-lead = Puoi chiudere questa pagina.
device-old-title = Il codice non è più valido
device-old-lead = Ricomincia sul dispositivo. Mostrerà un altro codice.

## Messages that are asked for at a page

message-code-subject = Il tuo codice
message-code = Il tuo codice è { $code }.
message-link-subject = Conferma il tuo indirizzo
message-link = Apri questo link per confermare il tuo indirizzo email. { $link }
message-link-text = Conferma indirizzo
message-sign-in-subject = Il tuo codice di accesso
message-sign-in = Il tuo codice di accesso è { $code }.
