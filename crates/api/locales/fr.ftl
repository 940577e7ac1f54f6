# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = Se connecter
sign-in-lead = pour continuer vers { $app }
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = Nom d’utilisateur
label-email = Adresse e-mail
label-phone = Numéro de téléphone
label-email-or-phone = Adresse e-mail ou numéro de téléphone
label-password = Mot de passe
button-sign-in = Se connecter
link-forgot-password = Mot de passe oublié ?
# Leads to the page where somebody makes an account.
no-account = Première visite ?
link-sign-up = Créer un compte
signed-in-as = Votre session est ouverte avec le compte { $name }.
button-continue-as = Continuer avec le compte { $name }
link-other-account = Utiliser un autre compte

link-other-way = Se connecter autrement
choose-title = Comment souhaitez-vous vous connecter ?
choice-password = Mot de passe
choice-passkey = Clé d’accès
choice-email = Code par e-mail
choice-sms = Code par SMS
password-title = Saisissez votre mot de passe
passkey-title = Utilisez votre clé d’accès
passkey-lead = Votre navigateur vous demandera de confirmer que c’est bien vous.
button-passkey = Utiliser la clé d’accès
passkey-needs-script = Les clés d’accès ont besoin de JavaScript, qui est désactivé dans ce navigateur. Choisissez une autre façon de vous connecter.
passkey-failed = Cette clé d’accès n’a pas fonctionné. Réessayez ou choisissez une autre façon de vous connecter.

## One-time codes

code-title = Saisissez votre code
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = Nous avons envoyé un code à { $destination }.
code-app = Saisissez le code affiché par votre application d’authentification.
# $name is what the user calls the authenticator app.
code-app-named = Saisissez le code affiché par { $name }.
label-code = Code
button-continue = Continuer
button-busy = Un instant…
link-start-over = Recommencer

## Choosing and setting up a second factor

select-title = Comment souhaitez-vous confirmer que c’est bien vous ?
factor-app = Application d’authentification
factor-sms = SMS
factor-email = E-mail
other-factor-lead = Autrement :
setup-title = Protégez votre compte
setup-lead = Votre compte demande une seconde étape à la connexion. Choisissez celle que vous voulez configurer.
setup-app-title = Configurez votre application d’authentification
setup-app-lead = Scannez cette image avec l’application ou saisissez la clé à la main. Saisissez ensuite le code affiché par l’application.
setup-app-key = Clé
setup-email-lead = À quelle adresse e-mail devons-nous envoyer les codes ?
setup-sms-lead = À quel numéro de téléphone devons-nous envoyer les codes ?
setup-app-image = Un code QR pour votre application d’authentification

## New passwords

new-password-title = Choisissez un nouveau mot de passe
new-password-lead = Votre mot de passe était provisoire.
label-new-password = Nouveau mot de passe
button-save-password = Enregistrer le mot de passe
rules-title = Votre mot de passe doit contenir
rule-length =
    { $count ->
        [one] au moins { $count } caractère
        [many] au moins { $count } de caractères
       *[other] au moins { $count } caractères
    }
rule-upper = une lettre majuscule
rule-lower = une lettre minuscule
rule-digit = un chiffre
rule-symbol = un symbole, par exemple ! ou -
button-show-password = Afficher le mot de passe
button-hide-password = Masquer le mot de passe

## Making an account

sign-up-title = Créez votre compte
button-sign-up = Créer un compte
have-account = Vous avez déjà un compte ?
link-sign-in = Se connecter
confirm-title = Confirmez votre compte
confirm-lead = Saisissez le code que nous vous avons envoyé.
button-confirm = Confirmer le compte
resend-lead = Pas de code ?
button-resend = Envoyer un nouveau code
button-resend-in = Envoyer un nouveau code dans { $time }
code-resent = Un nouveau code est en route.
confirmed = Votre compte est prêt. Vous pouvez maintenant vous connecter.
waits-title = Votre compte a été créé
waits-lead = Il reste à l’activer pour vous, puis vous pourrez vous connecter.

## Attributes, by the names that OpenID Connect gives them

attribute-address = Adresse
attribute-birthdate = Date de naissance
attribute-email = Adresse e-mail
attribute-family_name = Nom de famille
attribute-gender = Genre
attribute-given_name = Prénom
attribute-locale = Langue
attribute-middle_name = Deuxième prénom
attribute-name = Nom complet
attribute-nickname = Surnom
attribute-phone_number = Numéro de téléphone
attribute-picture = Photo (une adresse web)
attribute-preferred_username = Nom affiché
attribute-profile = Profil (une adresse web)
attribute-website = Site web
attribute-zoneinfo = Fuseau horaire
hint-phone = Avec l’indicatif du pays, par exemple +1 555 0100.
hint-date = Année, mois et jour, par exemple 2001-12-31.
label-country = Pays

## Forgotten passwords

forgot-title = Réinitialisez votre mot de passe
forgot-lead = Nous vous enverrons un code pour en choisir un nouveau.
button-send-code = Envoyer le code
reset-title = Choisissez un nouveau mot de passe
reset-lead = Si un tel compte existe, nous avons envoyé un code à { $destination }.
button-reset = Enregistrer le mot de passe
password-saved = Votre mot de passe a été changé. Connectez-vous avec le nouveau.

## Passkeys on an account

add-passkey-title = Ajoutez une clé d’accès
add-passkey-lead = La prochaine fois, vous pourrez vous connecter avec votre empreinte digitale, votre visage ou le verrouillage de votre écran.
button-add-passkey = Ajouter une clé d’accès
link-not-now = Pas maintenant

## Signing out

signed-out-title = Votre session est fermée
signed-out-lead = Vous pouvez fermer cette page.
sign-out-title = Se déconnecter ?
sign-out-lead = Vous devrez vous reconnecter dans ce navigateur.
button-sign-out = Se déconnecter

## The foot of each page

language-label = Langue
button-choose-language = Utiliser cette langue

## What went wrong

error-summary = Merci de vérifier ceci
error-title = Quelque chose n’a pas fonctionné
error-lead = Revenez à l’application et réessayez.
error-client-title = Nous ne connaissons pas cette application
error-client-lead = Le lien qui vous a mené ici n’indique aucune application que nous connaissons. Revenez en arrière et réessayez.
error-redirect-title = Ce lien ne permet pas de revenir
error-redirect-lead = L’application nous a demandé de vous envoyer à une adresse qu’elle n’a pas déclarée. Les personnes qui l’ont créée peuvent y remédier.
error-request-title = Ce lien n’est pas correct
error-request-lead = Il y manque quelque chose, ou quelque chose y figure deux fois. Revenez à l’application et réessayez.
error-busy = Il y a beaucoup d’activité en ce moment. Merci de réessayer dans un instant.
wrong-password = Ce nom et ce mot de passe ne vont pas ensemble. Merci de réessayer.
unknown-user = Il n’y a pas de compte à ce nom.
too-many = Il y a eu trop d’essais. Merci de patienter un peu avant de réessayer.
user-disabled = Ce compte est désactivé.
must-reset = Votre mot de passe doit être changé avant que vous puissiez vous connecter. Nous pouvons vous envoyer un code pour cela.
temporary-expired = Votre mot de passe provisoire a expiré. Demandez-en un nouveau à la personne qui vous l’a donné.
wrong-code = Ce code n’est pas le bon. Merci de le vérifier et de réessayer.
expired-code = Ce code a expiré ou a déjà été utilisé. Nous pouvons en envoyer un nouveau.
used-code = Ce code a déjà été utilisé. Attendez le suivant.
session-expired = Cela a pris un peu trop de temps. Merci de vous connecter à nouveau.
page-expired = Cette page est restée ouverte un bon moment. Merci de réessayer.
not-permitted = Vous ne pouvez pas créer de compte vous-même ici.
name-taken = Il y a déjà un compte à ce nom.
address-taken = Il y a déjà un compte avec ces coordonnées.
password-rules = Ce mot de passe ne suit pas les règles ci-dessous.
password-leaked = Ce mot de passe figure dans une fuite de données connue. Merci d’en choisir un autre.
password-used = Vous avez déjà utilisé ce mot de passe. Merci d’en choisir un autre.
cannot-send = Nous ne pouvons pas envoyer de code à ce compte. La personne qui l’administre peut vous aider.
not-set-up = Ce compte n’a aucun moyen de confirmer que c’est bien vous. La personne qui l’administre peut vous aider.
blocked = Nous ne pouvons pas vous connecter d’ici pour le moment. La personne qui administre l’application peut vous aider.
already-confirmed = Ce compte est déjà confirmé. Vous pouvez vous connecter.
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = Merci de vérifier votre saisie : { $reason }
unfit-missing = { $label } : merci de remplir ce champ.
unfit-email = { $label } : merci de saisir une adresse telle que ada@example.com.
unfit-phone = { $label } : merci de saisir un numéro avec l’indicatif du pays, par exemple +1 555 0100.
unfit-address = { $label } : merci de saisir une adresse telle que ada@example.com, ou un numéro tel que +1 555 0100.
unfit-name = { $label } : merci de choisir un nom sans espace, de 256 caractères au plus.
unfit-like-email = { $label } : merci de choisir un nom qui ne ressemble pas à une adresse e-mail.
unfit-like-phone = { $label } : merci de choisir un nom qui ne ressemble pas à un numéro de téléphone.
unfit-fixed = { $label } : ceci ne peut pas être modifié ici.
unfit-short = { $label } : au moins { $count } caractères, s’il vous plaît.
unfit-long = { $label } : au plus { $count } caractères, s’il vous plaît.
unfit-date = { $label } : merci de saisir année, mois et jour, par exemple 2001-12-31.
unfit-number = { $label } : merci de saisir un nombre entier.
unfit-small = { $label } : { $count } ou plus, s’il vous plaît.
unfit-large = { $label } : { $count } ou moins, s’il vous plaît.
unfit-boolean = { $label } : merci de saisir true ou false.
unfit-time = { $label } : merci de saisir une date et une heure, par exemple 2001-12-31T18:30:00Z.

agreement = En vous inscrivant, vous acceptez ces documents : { $terms } et { $privacy }.
link-terms = Conditions d’utilisation
link-privacy = Politique de confidentialité
stranger = { $app } s’est inscrite ici d’elle-même ; personne ne l’a vérifiée. Si vous continuez, elle saura qui vous êtes et vous irez vers { $place }.
stranger-scopes = Elle pourra aussi agir en votre nom : { $scopes }.

link-confirm-title = Confirmez votre adresse
link-confirm-lead = Appuyez sur le bouton, et votre compte sera prêt.
link-confirmed-title = Votre compte est prêt
link-confirmed-lead = Vous pouvez fermer cette page et vous connecter.
link-old-title = Ce lien ne fonctionne plus
link-confirm-old = Il a peut-être déjà servi, ou un plus récent a été envoyé. Connectez-vous ou demandez-en un nouveau.
feedback-title = À propos de cette connexion
feedback-valid = Vous dites que c’était vous. L’appareil et le lieu seront reconnus désormais.
feedback-invalid = Vous dites que ce n’était pas vous. Changez aussi votre mot de passe, si vous le pouvez encore.
button-was-me = C’était moi
button-was-not-me = Ce n’était pas moi
feedback-done-title = Merci
feedback-done-lead = Vous pouvez fermer cette page.
feedback-old = Il est peut-être trop ancien. Vous pouvez toujours changer votre mot de passe.

## The account

account-title = Votre compte
link-keep = Laisser tel quel
link-back-to-app = Retour à { $app }
account-profile = À propos de vous
button-edit = Modifier
state-unconfirmed = Pas encore confirmé
button-confirm-address = Confirmer
password-is-set = Vous vous connectez avec un mot de passe.
password-is-missing = Vous n’avez pas encore de mot de passe.
button-change = Changer le mot de passe
button-set-password = Définir un mot de passe
account-factors = Deuxième étape à la connexion
account-factors-lead = Une deuxième étape tient les autres à l’écart, même s’ils connaissent votre mot de passe.
button-set-up = Configurer
button-another-app = Configurer une autre application
button-ask-first = Demander ceci en premier
button-turn-on = Activer
button-turn-off = Désactiver
state-on = Activé
state-off = Désactivé
state-first = Demandé en premier
account-passkeys = Clés d’accès
passkey-of-device = Clé d’accès sur un appareil
passkey-portable = Clé d’accès que vous emportez
added-on = Ajoutée le { $date }
button-remove = Supprimer
account-devices = Appareils
unknown-device = Appareil inconnu
last-used-on = Dernière utilisation le { $date }
button-forget = Oublier
account-sessions = Où vous êtes connecté
account-sessions-untracked = Si vous avez perdu un appareil, déconnectez-vous partout.
this-browser = Ce navigateur
button-sign-out-everywhere = Se déconnecter partout
profile-title = À propos de vous
button-save = Enregistrer
profile-saved = Vos modifications ont été enregistrées.
address-title = Confirmez votre adresse
address-confirmed = Votre adresse est confirmée.
change-password-title = Changer votre mot de passe
label-current-password = Mot de passe actuel
wrong-current-password = Ce n’est pas votre mot de passe actuel. Veuillez réessayer.
password-changed = Votre mot de passe a été changé. Vous êtes déconnecté partout ailleurs.
factor-turned-on = Une deuxième étape vous sera demandée à la connexion.
factor-turned-off = Elle ne vous sera plus demandée.
factor-needed = Votre compte a besoin d’une deuxième étape. Activez-en d’abord une autre.
remove-passkey-title = Supprimer cette clé d’accès ?
remove-passkey-lead = Vous ne pourrez plus vous connecter avec elle : { $name }.
passkey-removed = La clé d’accès a été supprimée.
forget-device-title = Oublier cet appareil ?
forget-device-lead = La prochaine fois, il devra prouver qu’il est à vous : { $name }.
device-forgotten = L’appareil a été oublié.
end-session-title = Se déconnecter là-bas ?
end-session-lead = La personne qui l’utilise devra se reconnecter : { $name }.
session-ended = Vous y êtes déconnecté.
turn-off-title = Désactiver cette deuxième étape ?
turn-off-lead = Elle ne vous sera plus demandée à la connexion : { $name }.
sign-out-everywhere-title = Se déconnecter partout ?
sign-out-everywhere-lead = Vous devrez vous reconnecter sur tous vos appareils, y compris celui-ci.
no-account-title = Pas de page de compte ici
no-account-lead = Cette application ne montre pas les comptes ici. Retournez-y.
address-needed = Des codes sont envoyés à cette adresse à la connexion. Désactivez d’abord cette deuxième étape.

## Devices without a browser

device-title = Connecter un appareil
device-lead = Saisissez le code affiché par votre appareil.
label-device-code = Code de l’appareil
device-code-wrong = Ce code n’est pas le bon ou a expiré. Vérifiez-le sur l’appareil.
allow-device-title = Connecter cet appareil ?
allow-device-lead = { $app } souhaite se connecter en tant que { $name } sur un autre appareil.
allow-device-caution = Continuez seulement si vous l’avez demandé vous-même et si votre appareil affiche { $code }.
button-allow-device = Connecter
button-refuse-device = Ne pas connecter
device-allowed-title = Votre appareil est connecté
device-allowed-lead = Continuez sur l’appareil. Vous pouvez fermer cette page.
device-refused-title = L’appareil n’a pas été connecté
device-refused-lead = Vous pouvez fermer cette page.
device-old-title = Ce code n’est plus valable
device-old-lead = Recommencez sur l’appareil. Il affichera un autre code.

## Messages that are asked for at a page

message-code-subject = Votre code
message-code = Votre code est { $code }.
message-link-subject = Confirmez votre adresse
message-link = Ouvrez ce lien pour confirmer votre adresse e-mail. { $link }
message-link-text = Confirmer l’adresse
message-sign-in-subject = Votre code de connexion
message-sign-in = Votre code de connexion est { $code }.
