# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = Iniciar sesión
sign-in-lead = para continuar en { $app }
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = Nombre de usuario
label-email = Correo electrónico
label-phone = Número de teléfono
label-email-or-phone = Correo electrónico o número de teléfono
label-password = Contraseña
button-sign-in = Iniciar sesión
link-forgot-password = ¿Olvidaste tu contraseña?
# Leads to the page where somebody makes an account.
no-account = ¿Es tu primera vez aquí?
link-sign-up = Crear una cuenta
signed-in-as = Has iniciado sesión como { $name }.
button-continue-as = Continuar como { $name }
link-other-account = Usar otra cuenta

link-other-way = Iniciar sesión de otra manera
choose-title = ¿Cómo quieres iniciar sesión?
choice-password = Contraseña
choice-passkey = Llave de acceso
choice-email = Código por correo electrónico
choice-sms = Código por mensaje de texto
password-title = Escribe tu contraseña
passkey-title = Usa tu llave de acceso
passkey-lead = Tu navegador te pedirá que confirmes que eres tú.
button-passkey = Usar llave de acceso
passkey-needs-script = Las llaves de acceso necesitan JavaScript, que está desactivado en este navegador. Elige otra manera de iniciar sesión.
passkey-failed = Esa llave de acceso no funcionó. Inténtalo de nuevo o elige otra manera.

## One-time codes

code-title = Escribe tu código
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = Hemos enviado un código a { $destination }.
code-app = Escribe el código que muestra tu app de autenticación.
# $name is what the user calls the authenticator app.
code-app-named = Escribe el código que muestra { $name }.
label-code = Código
button-continue = Continuar
button-busy = Un momento…
link-start-over = Empezar de nuevo

## Choosing and setting up a second factor

select-title = ¿Cómo quieres confirmar que eres tú?
factor-app = App de autenticación
factor-sms = Mensaje de texto
factor-email = Correo electrónico
other-factor-lead = De otra manera:
setup-title = Protege tu cuenta
setup-lead = Tu cuenta necesita un segundo paso al iniciar sesión. Elige cuál quieres configurar.
setup-app-title = Configura tu app de autenticación
setup-app-lead = Escanea esta imagen con la app o escribe la clave a mano. Después, escribe el código que muestra la app.
setup-app-key = Clave
setup-email-lead = ¿A qué correo electrónico debemos enviar los códigos?
setup-sms-lead = ¿A qué número de teléfono debemos enviar los códigos?
setup-app-image = Un código QR para tu app de autenticación

## New passwords

new-password-title = Elige una contraseña nueva
new-password-lead = Tu contraseña era temporal.
label-new-password = Contraseña nueva
button-save-password = Guardar contraseña
rules-title = Tu contraseña necesita
rule-length =
    { $count ->
        [one] al menos un carácter
        [many] al menos { $count } de caracteres
       *[other] al menos { $count } caracteres
    }
rule-upper = una letra mayúscula
rule-lower = una letra minúscula
rule-digit = un número
rule-symbol = un símbolo, como ! o -
button-show-password = Mostrar contraseña
button-hide-password = Ocultar contraseña

## Making an account

sign-up-title = Crea tu cuenta
button-sign-up = Crear cuenta
have-account = ¿Ya tienes una cuenta?
link-sign-in = Iniciar sesión
confirm-title = Confirma tu cuenta
confirm-lead = Escribe el código que te hemos enviado.
button-confirm = Confirmar cuenta
resend-lead = ¿No te llegó el código?
button-resend = Enviar un código nuevo
button-resend-in = Enviar un código nuevo en { $time }
code-resent = Un código nuevo está en camino.
confirmed = Tu cuenta está lista. Ya puedes iniciar sesión.
waits-title = Tu cuenta se ha creado
waits-lead = Falta que la habiliten para ti; después podrás iniciar sesión.

## Attributes, by the names that OpenID Connect gives them

attribute-address = Dirección
attribute-birthdate = Fecha de nacimiento
attribute-email = Correo electrónico
attribute-family_name = Apellidos
attribute-gender = Género
attribute-given_name = Nombre
attribute-locale = Idioma
attribute-middle_name = Segundo nombre
attribute-name = Nombre completo
attribute-nickname = Apodo
attribute-phone_number = Número de teléfono
attribute-picture = Imagen (una dirección web)
attribute-preferred_username = Nombre visible
attribute-profile = Perfil (una dirección web)
attribute-website = Sitio web
attribute-zoneinfo = Zona horaria
hint-phone = Con el código de país, como +1 555 0100.
hint-date = Año, mes y día, como 2001-12-31.
label-country = País

## Forgotten passwords

forgot-title = Restablece tu contraseña
forgot-lead = Te enviaremos un código para elegir una nueva.
button-send-code = Enviar código
reset-title = Elige una contraseña nueva
reset-lead = Si existe esa cuenta, hemos enviado un código a { $destination }.
button-reset = Guardar contraseña
password-saved = Tu contraseña se ha cambiado. Inicia sesión con la nueva.

## Passkeys on an account

add-passkey-title = Agrega una llave de acceso
add-passkey-lead = La próxima vez podrás iniciar sesión con tu huella digital, tu rostro o el bloqueo de pantalla.
button-add-passkey = Agregar llave de acceso
link-not-now = Ahora no

## Signing out

signed-out-title = Has cerrado sesión
signed-out-lead = Puedes cerrar esta página.
sign-out-title = ¿Cerrar sesión?
sign-out-lead = Tendrás que volver a iniciar sesión en este navegador.
button-sign-out = Cerrar sesión

## The foot of each page

language-label = Idioma
button-choose-language = Usar este idioma

## What went wrong

error-summary = Revisa esto, por favor
error-title = Algo salió mal
error-lead = Vuelve a la app e inténtalo de nuevo.
error-client-title = No conocemos esta app
error-client-lead = El enlace que te trajo aquí no indica ninguna app que conozcamos. Vuelve atrás e inténtalo de nuevo.
error-redirect-title = Este enlace no lleva de vuelta
error-redirect-lead = La app nos pidió que te enviáramos a una dirección que no ha registrado. Quienes la crearon pueden arreglarlo.
error-request-title = Este enlace no es correcto
error-request-lead = Le falta algo o tiene algo repetido. Vuelve a la app e inténtalo de nuevo.
error-busy = Hay mucho movimiento ahora mismo. Inténtalo de nuevo en un momento, por favor.
wrong-password = Ese nombre y esa contraseña no coinciden. Inténtalo de nuevo, por favor.
unknown-user = No hay ninguna cuenta con ese nombre.
too-many = Ha habido demasiados intentos. Espera un rato e inténtalo de nuevo, por favor.
user-disabled = Esta cuenta está desactivada.
must-reset = Hay que cambiar tu contraseña antes de que puedas iniciar sesión. Podemos enviarte un código para hacerlo.
temporary-expired = Tu contraseña temporal ha caducado. Pide una nueva a quien te la dio.
wrong-code = Ese código no es correcto. Revísalo e inténtalo de nuevo, por favor.
expired-code = Ese código ha caducado o ya se usó. Podemos enviarte uno nuevo.
used-code = Ese código ya se usó. Espera al siguiente.
session-expired = Ha pasado un poco más de tiempo del previsto. Inicia sesión de nuevo, por favor.
page-expired = Esta página estuvo abierta un buen rato. Inténtalo de nuevo, por favor.
not-permitted = Aquí no puedes crear tu propia cuenta.
name-taken = Ya hay una cuenta con ese nombre.
address-taken = Ya hay una cuenta con esos datos de contacto.
password-rules = Esa contraseña no cumple las reglas de abajo.
password-leaked = Se sabe que esa contraseña se ha filtrado. Elige otra, por favor.
password-used = Ya has usado esa contraseña antes. Elige otra, por favor.
cannot-send = No podemos enviar un código a esta cuenta. Quien la administra puede ayudarte.
not-set-up = Esta cuenta no tiene ninguna manera de confirmar que eres tú. Quien la administra puede ayudarte.
blocked = Ahora mismo no podemos iniciar tu sesión desde aquí. Quien administra la app puede ayudarte.
already-confirmed = Esta cuenta ya está confirmada. Puedes iniciar sesión.
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = Revisa lo que escribiste, por favor: { $reason }
unfit-missing = { $label }: rellena este campo, por favor.
unfit-email = { $label }: escribe una dirección como ada@example.com, por favor.
unfit-phone = { $label }: escribe un número con el código de país, como +1 555 0100.
unfit-address = { $label }: escribe una dirección como ada@example.com o un número como +1 555 0100.
unfit-name = { $label }: elige un nombre sin espacios, de 256 caracteres como máximo.
unfit-like-email = { $label }: elige un nombre que no parezca un correo electrónico.
unfit-like-phone = { $label }: elige un nombre que no parezca un número de teléfono.
unfit-fixed = { $label }: esto no se puede cambiar aquí.
unfit-short = { $label }: al menos { $count } caracteres, por favor.
unfit-long = { $label }: como máximo { $count } caracteres, por favor.
unfit-date = { $label }: escribe año, mes y día, como 2001-12-31.
unfit-number = { $label }: escribe un número entero, por favor.
unfit-small = { $label }: { $count } o más, por favor.
unfit-large = { $label }: { $count } o menos, por favor.
unfit-boolean = { $label }: escribe true o false, por favor.
unfit-time = { $label }: escribe fecha y hora, como 2001-12-31T18:30:00Z.

agreement = Al registrarte, aceptas estos documentos: { $terms } y { $privacy }.
link-terms = Condiciones de uso
link-privacy = Política de privacidad
stranger = { $app } se ha registrado aquí por su cuenta y nadie lo ha revisado. Si continúas, sabrá quién eres e irás a { $place }.
stranger-scopes = También podrá actuar en tu nombre: { $scopes }.

link-confirm-title = Confirma tu dirección
link-confirm-lead = Pulsa el botón y tu cuenta estará lista.
link-confirmed-title = Tu cuenta está lista
link-confirmed-lead = Puedes cerrar esta página e iniciar sesión.
link-old-title = Este enlace ya no funciona
link-confirm-old = Quizá ya se usó o se envió uno más reciente. Inicia sesión o pide uno nuevo.
feedback-title = Sobre ese inicio de sesión
feedback-valid = Dices que fuiste tú. A partir de ahora reconoceremos el dispositivo y el lugar.
feedback-invalid = Dices que no fuiste tú. Cambia también tu contraseña, si aún puedes.
button-was-me = Fui yo
button-was-not-me = No fui yo
feedback-done-title = Gracias
feedback-done-lead = Puedes cerrar esta página.
feedback-old = Quizá sea demasiado antiguo. Siempre puedes cambiar tu contraseña.

## The account

account-title = Tu cuenta
link-keep = Dejarlo como está
link-back-to-app = Volver a { $app }
account-profile = Sobre ti
button-edit = Editar
state-unconfirmed = Aún sin confirmar
button-confirm-address = Confirmar
password-is-set = Inicias sesión con una contraseña.
password-is-missing = Aún no tienes contraseña.
button-change = Cambiar la contraseña
button-set-password = Establecer una contraseña
account-factors = Segundo paso al iniciar sesión
account-factors-lead = Un segundo paso impide que otros entren, aunque conozcan tu contraseña.
button-set-up = Configurar
button-another-app = Configurar otra aplicación
button-ask-first = Pedir esto primero
button-turn-on = Activar
button-turn-off = Desactivar
state-on = Activado
state-off = Desactivado
state-first = Se pide primero
account-passkeys = Llaves de acceso
passkey-of-device = Llave de acceso en un dispositivo
passkey-portable = Llave de acceso que llevas contigo
added-on = Añadida el { $date }
button-remove = Quitar
account-devices = Dispositivos
unknown-device = Dispositivo desconocido
last-used-on = Usado por última vez el { $date }
button-forget = Olvidar
account-sessions = Dónde tienes la sesión iniciada
account-sessions-untracked = Si perdiste un dispositivo, cierra la sesión en todas partes.
this-browser = Este navegador
button-sign-out-everywhere = Cerrar la sesión en todas partes
profile-title = Sobre ti
button-save = Guardar
profile-saved = Se han guardado los cambios.
address-title = Confirma tu dirección
address-confirmed = Tu dirección está confirmada.
change-password-title = Cambiar la contraseña
label-current-password = Contraseña actual
wrong-current-password = Esa no es tu contraseña actual. Inténtalo de nuevo.
password-changed = Se ha cambiado la contraseña. Se ha cerrado la sesión en todos los demás lugares.
factor-turned-on = Se te pedirá un segundo paso al iniciar sesión.
factor-turned-off = Ya no se te pedirá.
factor-needed = Tu cuenta necesita un segundo paso. Activa otro primero.
remove-passkey-title = ¿Quitar esta llave de acceso?
remove-passkey-lead = Ya no podrás iniciar sesión con ella: { $name }.
passkey-removed = Se ha quitado la llave de acceso.
forget-device-title = ¿Olvidar este dispositivo?
forget-device-lead = La próxima vez tendrá que demostrar que es tuyo: { $name }.
device-forgotten = Se ha olvidado el dispositivo.
end-session-title = ¿Cerrar la sesión allí?
end-session-lead = Quien lo use tendrá que iniciar sesión de nuevo: { $name }.
session-ended = Se ha cerrado la sesión allí.
turn-off-title = ¿Desactivar este segundo paso?
turn-off-lead = Ya no se te pedirá al iniciar sesión: { $name }.
sign-out-everywhere-title = ¿Cerrar la sesión en todas partes?
sign-out-everywhere-lead = Tendrás que iniciar sesión de nuevo en todos tus dispositivos, también en este.
no-account-title = Aquí no hay página de la cuenta
no-account-lead = Esta aplicación no muestra aquí las cuentas. Vuelve a ella.
address-needed = A esa dirección se envían códigos al iniciar sesión. Desactiva primero ese segundo paso.

## Devices without a browser

device-title = Conectar un dispositivo
device-lead = Introduce el código que muestra tu dispositivo.
label-device-code = Código del dispositivo
device-code-wrong = Ese código no es correcto o ha caducado. Míralo de nuevo en el dispositivo.
allow-device-title = ¿Conectar este dispositivo?
allow-device-lead = { $app } quiere iniciar sesión como { $name } en otro dispositivo.
allow-device-caution = Continúa solo si lo has empezado tú y tu dispositivo muestra { $code }.
button-allow-device = Conectar
button-refuse-device = No conectar
device-allowed-title = Tu dispositivo está conectado
device-allowed-lead = Continúa en el dispositivo. Puedes cerrar esta página.
device-refused-title = El dispositivo no se ha conectado
device-refused-lead = Puedes cerrar esta página.
device-old-title = Ese código ya no sirve
device-old-lead = Empieza de nuevo en el dispositivo. Mostrará otro código.

## Messages that are asked for at a page

message-code-subject = Tu código
message-code = Tu código es { $code }.
message-link-subject = Confirma tu dirección
message-link = Abre este enlace para confirmar tu dirección de correo. { $link }
message-link-text = Confirmar dirección
message-sign-in-subject = Tu código para iniciar sesión
message-sign-in = Tu código para iniciar sesión es { $code }.
