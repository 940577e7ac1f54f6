# The words of the hosted pages. Sentences a friend would write: no blame, no codes, no exclamation marks.

## Signing in

# The heading of the first page. $app is what the app calls itself.
sign-in-title = Entrar
sign-in-lead = para continuar em { $app }
# The label of the field for the name, where people sign in with a name of their own choice.
label-username = Nome de usuário
label-email = Endereço de e-mail
label-phone = Número de telefone
label-email-or-phone = Endereço de e-mail ou número de telefone
label-password = Senha
button-sign-in = Entrar
link-forgot-password = Esqueceu sua senha?
# Leads to the page where somebody makes an account.
no-account = É sua primeira vez aqui?
link-sign-up = Criar uma conta
signed-in-as = Você entrou como { $name }.
button-continue-as = Continuar como { $name }
link-other-account = Usar outra conta

link-other-way = Entrar de outra forma
choose-title = Como você quer entrar?
choice-password = Senha
choice-passkey = Chave de acesso
choice-email = Código por e-mail
choice-sms = Código por SMS
password-title = Digite sua senha
passkey-title = Use sua chave de acesso
passkey-lead = Seu navegador vai pedir que você confirme que é você.
button-passkey = Usar chave de acesso
passkey-needs-script = As chaves de acesso precisam de JavaScript, que está desativado neste navegador. Escolha outra forma de entrar.
passkey-failed = Essa chave de acesso não funcionou. Tente de novo ou escolha outra forma.

## One-time codes

code-title = Digite seu código
# $destination is a masked address such as +*******34 or j***@e***.
code-sent = Enviamos um código para { $destination }.
code-app = Digite o código que aparece no seu app autenticador.
# $name is what the user calls the authenticator app.
code-app-named = Digite o código que aparece em { $name }.
label-code = Código
button-continue = Continuar
button-busy = Um momento…
link-start-over = Recomeçar

## Choosing and setting up a second factor

select-title = Como você quer confirmar que é você?
factor-app = App autenticador
factor-sms = SMS
factor-email = E-mail
other-factor-lead = De outra forma:
setup-title = Proteja sua conta
setup-lead = Sua conta precisa de uma segunda etapa ao entrar. Escolha qual você quer configurar.
setup-app-title = Configure seu app autenticador
setup-app-lead = Escaneie esta imagem com o app ou digite a chave manualmente. Depois, digite o código que aparece no app.
setup-app-key = Chave
setup-email-lead = Para qual endereço de e-mail devemos enviar os códigos?
setup-sms-lead = Para qual número de telefone devemos enviar os códigos?
setup-app-image = Um código QR para seu app autenticador

## New passwords

new-password-title = Escolha uma nova senha
new-password-lead = Sua senha era temporária.
label-new-password = Nova senha
button-save-password = Salvar senha
rules-title = Sua senha precisa de
rule-length =
    { $count ->
        [one] pelo menos { $count } caractere
        [many] pelo menos { $count } de caracteres
       *[other] pelo menos { $count } caracteres
    }
rule-upper = uma letra maiúscula
rule-lower = uma letra minúscula
rule-digit = um número
rule-symbol = um símbolo, como ! ou -
button-show-password = Mostrar senha
button-hide-password = Ocultar senha

## Making an account

sign-up-title = Crie sua conta
button-sign-up = Criar conta
have-account = Já tem uma conta?
link-sign-in = Entrar
confirm-title = Confirme sua conta
confirm-lead = Digite o código que enviamos para você.
button-confirm = Confirmar conta
resend-lead = O código não chegou?
button-resend = Enviar um novo código
button-resend-in = Enviar um novo código em { $time }
code-resent = Um novo código está a caminho.
confirmed = Sua conta está pronta. Você já pode entrar.
waits-title = Sua conta foi criada
waits-lead = Ela ainda vai ser liberada para você; depois disso, você poderá entrar.

## Attributes, by the names that OpenID Connect gives them

attribute-address = Endereço
attribute-birthdate = Data de nascimento
attribute-email = Endereço de e-mail
attribute-family_name = Sobrenome
attribute-gender = Gênero
attribute-given_name = Nome
attribute-locale = Idioma
attribute-middle_name = Nome do meio
attribute-name = Nome completo
attribute-nickname = Apelido
attribute-phone_number = Número de telefone
attribute-picture = Imagem (um endereço da web)
attribute-preferred_username = Nome de exibição
attribute-profile = Perfil (um endereço da web)
attribute-website = Site
attribute-zoneinfo = Fuso horário
hint-phone = Com o código do país, como +1 555 0100.
hint-date = Ano, mês e dia, como 2001-12-31.
label-country = País

## Forgotten passwords

forgot-title = Redefina sua senha
forgot-lead = Vamos enviar um código para você escolher uma nova.
button-send-code = Enviar código
reset-title = Escolha uma nova senha
reset-lead = Se essa conta existir, um código foi enviado para { $destination }.
button-reset = Salvar senha
password-saved = Sua senha foi alterada. Entre com a nova.

## Passkeys on an account

add-passkey-title = Adicione uma chave de acesso
add-passkey-lead = Da próxima vez, você poderá entrar com sua impressão digital, seu rosto ou seu bloqueio de tela.
button-add-passkey = Adicionar chave de acesso
link-not-now = Agora não

## Signing out

signed-out-title = Você saiu da sua conta
signed-out-lead = Você pode fechar esta página.
sign-out-title = Quer sair?
sign-out-lead = Você vai precisar entrar de novo neste navegador.
button-sign-out = Sair

## The foot of each page

language-label = Idioma
button-choose-language = Usar este idioma

## What went wrong

error-summary = Confira isto, por favor
error-title = Algo deu errado
error-lead = Volte para o app e tente de novo.
error-client-title = Não conhecemos este app
error-client-lead = O link que trouxe você até aqui não indica um app que conhecemos. Volte e tente de novo.
error-redirect-title = Este link não leva de volta
error-redirect-lead = O app pediu que enviássemos você para um endereço que ele não registrou. Quem criou o app pode resolver isso.
error-request-title = Este link não está certo
error-request-lead = Algo nele está faltando ou aparece duas vezes. Volte para o app e tente de novo.
error-busy = Há muita coisa acontecendo agora. Tente de novo daqui a pouco, por favor.
wrong-password = Esse nome e essa senha não combinam. Tente de novo, por favor.
unknown-user = Não há nenhuma conta com esse nome.
too-many = Foram muitas tentativas. Espere um pouco e tente de novo, por favor.
user-disabled = Esta conta está desativada.
must-reset = Sua senha precisa ser alterada antes que você possa entrar. Podemos enviar um código para isso.
temporary-expired = Sua senha temporária expirou. Peça uma nova a quem a deu para você.
wrong-code = Esse código não está certo. Confira e tente de novo, por favor.
expired-code = Esse código expirou ou já foi usado. Podemos enviar um novo.
used-code = Esse código já foi usado. Espere pelo próximo.
session-expired = Demorou um pouco mais do que o esperado. Entre de novo, por favor.
page-expired = Esta página ficou aberta por um bom tempo. Tente de novo, por favor.
not-permitted = Aqui não é possível criar uma conta por conta própria.
name-taken = Já existe uma conta com esse nome.
address-taken = Já existe uma conta com esse contato.
password-rules = Essa senha não segue as regras abaixo.
password-leaked = Sabe-se que essa senha já vazou. Escolha outra, por favor.
password-used = Você já usou essa senha antes. Escolha outra, por favor.
cannot-send = Não podemos enviar um código para esta conta. Quem a administra pode ajudar.
not-set-up = Esta conta não tem nenhuma forma de confirmar que é você. Quem a administra pode ajudar.
blocked = No momento, não é possível entrar a partir daqui. Quem administra o app pode ajudar.
already-confirmed = Esta conta já está confirmada. Você pode entrar.
# $reason comes from whoever runs the app, in their own words.
refused = { $reason }
field-wrong = Confira o que você digitou, por favor: { $reason }
unfit-missing = { $label }: preencha este campo, por favor.
unfit-email = { $label }: digite um endereço como ada@example.com, por favor.
unfit-phone = { $label }: digite um número com o código do país, como +1 555 0100.
unfit-address = { $label }: digite um endereço como ada@example.com ou um número como +1 555 0100.
unfit-name = { $label }: escolha um nome sem espaços, de no máximo 256 caracteres.
unfit-like-email = { $label }: escolha um nome que não pareça um endereço de e-mail.
unfit-like-phone = { $label }: escolha um nome que não pareça um número de telefone.
unfit-fixed = { $label }: isso não pode ser alterado aqui.
unfit-short = { $label }: pelo menos { $count } caracteres, por favor.
unfit-long = { $label }: no máximo { $count } caracteres, por favor.
unfit-date = { $label }: digite ano, mês e dia, como 2001-12-31.
unfit-number = { $label }: digite um número inteiro, por favor.
unfit-small = { $label }: { $count } ou mais, por favor.
unfit-large = { $label }: { $count } ou menos, por favor.
unfit-boolean = { $label }: digite true ou false, por favor.
unfit-time = { $label }: digite data e hora, como 2001-12-31T18:30:00Z.

agreement = Ao se cadastrar, você concorda com estes documentos: { $terms } e { $privacy }.
link-terms = Termos de uso
link-privacy = Política de privacidade
stranger = { $app } se registrou aqui por conta própria e ninguém verificou. Se você continuar, o app saberá quem você é e você irá para { $place }.
stranger-scopes = Ele também poderá agir em seu nome: { $scopes }.

link-confirm-title = Confirme seu endereço
link-confirm-lead = Um toque no botão, e sua conta fica pronta.
link-confirmed-title = Sua conta está pronta
link-confirmed-lead = Você pode fechar esta página e entrar.
link-old-title = Este link não funciona mais
link-confirm-old = Talvez já tenha sido usado, ou um mais recente tenha sido enviado. Entre, ou peça um novo.
feedback-title = Sobre esse acesso
feedback-valid = Você diz que foi você. O dispositivo e o lugar serão reconhecidos a partir de agora.
feedback-invalid = Você diz que não foi você. Mude também sua senha, se ainda puder.
button-was-me = Fui eu
button-was-not-me = Não fui eu
feedback-done-title = Obrigado
feedback-done-lead = Você pode fechar esta página.
feedback-old = Talvez seja antigo demais. Você sempre pode mudar sua senha.

## The account

account-title = Sua conta
link-keep = Deixar como está
link-back-to-app = Voltar para { $app }
account-profile = Sobre você
button-edit = Editar
state-unconfirmed = Ainda não confirmado
button-confirm-address = Confirmar
password-is-set = Você entra com uma senha.
password-is-missing = Você ainda não tem senha.
button-change = Alterar senha
button-set-password = Definir uma senha
account-factors = Segunda etapa ao entrar
account-factors-lead = Uma segunda etapa mantém outras pessoas fora, mesmo que saibam sua senha.
button-set-up = Configurar
button-another-app = Configurar outro aplicativo
button-ask-first = Pedir este primeiro
button-turn-on = Ativar
button-turn-off = Desativar
state-on = Ativado
state-off = Desativado
state-first = Pedido primeiro
account-passkeys = Chaves de acesso
passkey-of-device = Chave de acesso em um dispositivo
passkey-portable = Chave de acesso que você leva consigo
added-on = Adicionada em { $date }
button-remove = Remover
account-devices = Dispositivos
unknown-device = Dispositivo desconhecido
last-used-on = Último uso em { $date }
button-forget = Esquecer
account-sessions = Onde você está conectado
account-sessions-untracked = Se você perdeu um dispositivo, saia de todos os lugares.
this-browser = Este navegador
button-sign-out-everywhere = Sair de todos os lugares
profile-title = Sobre você
button-save = Salvar
profile-saved = Suas alterações foram salvas.
address-title = Confirme seu endereço
address-confirmed = Seu endereço está confirmado.
change-password-title = Altere sua senha
label-current-password = Senha atual
wrong-current-password = Essa não é sua senha atual. Tente novamente.
password-changed = Sua senha foi alterada. Você saiu de todos os outros lugares.
factor-turned-on = Uma segunda etapa será pedida quando você entrar.
factor-turned-off = Isso não será mais pedido.
factor-needed = Sua conta precisa de uma segunda etapa. Ative outra primeiro.
remove-passkey-title = Remover esta chave de acesso?
remove-passkey-lead = Você não poderá mais entrar com ela: { $name }.
passkey-removed = A chave de acesso foi removida.
forget-device-title = Esquecer este dispositivo?
forget-device-lead = Da próxima vez ele terá de provar que é seu: { $name }.
device-forgotten = O dispositivo foi esquecido.
end-session-title = Sair de lá?
end-session-lead = Quem o usa terá de entrar novamente: { $name }.
session-ended = Você saiu de lá.
turn-off-title = Desativar esta segunda etapa?
turn-off-lead = Ela não será mais pedida ao entrar: { $name }.
sign-out-everywhere-title = Sair de todos os lugares?
sign-out-everywhere-lead = Você terá de entrar novamente em todos os seus dispositivos, inclusive neste.
no-account-title = Não há página da conta aqui
no-account-lead = Este aplicativo não mostra contas aqui. Volte para ele.
address-needed = Códigos ao entrar são enviados para esse endereço. Desative primeiro essa segunda etapa.

## Devices without a browser

device-title = Conectar um dispositivo
device-lead = Digite o código que aparece no seu dispositivo.
label-device-code = Código no dispositivo
device-code-wrong = Esse código não está certo ou expirou. Confira no dispositivo.
allow-device-title = Conectar este dispositivo?
allow-device-lead = { $app } em outro dispositivo quer entrar como { $name }.
allow-device-caution = Continue apenas se foi você que começou e se o seu dispositivo mostra { $code }.
button-allow-device = Conectar
button-refuse-device = Não conectar
device-allowed-title = Seu dispositivo está conectado
device-allowed-lead = Continue no dispositivo. Você pode fechar esta página.
device-refused-title = O dispositivo não foi conectado
device-refused-lead = Você pode fechar esta página.
device-old-title = Esse código não vale mais
device-old-lead = Comece de novo no dispositivo. Ele vai mostrar outro código.

## Messages that are asked for at a page

message-code-subject = Seu código
message-code = Seu código é { $code }.
message-link-subject = Confirme seu endereço
message-link = Abra este link para confirmar seu endereço de e-mail. { $link }
message-link-text = Confirmar endereço
message-sign-in-subject = Seu código para entrar
message-sign-in = Seu código para entrar é { $code }.
