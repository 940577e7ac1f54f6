//! Step-up: a sign-in that is to reach a level of authentication, with or without credit for an earlier one.
//!
//! Credit never stands alone, and whoever holds nothing but an access token gets nowhere by it: it is drawn by a fresh
//! password or a code of an authenticator app, each of them older than the sign-in that is credited. A code that is
//! sent and a passkey draw none, because the holder of a token can give the user another address and another passkey.

use chrono::Duration;
use cognate_store::second_factor::{SecondFactor, SecondFactors, SoftwareToken};
use cognate_store::signing_key::TokenUse;
use cognate_store::{Timestamp, User, UserPool, UserSessionId};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::demand::{self, Demand};
use super::person::Person;
use super::{Choice, Method, Proven, acr};
use crate::app_client::ClientContext;
use crate::dpop::Held;
use crate::token::USER_ADMIN_SCOPE;
use crate::token::verify;
use crate::{App, Error, Result};

/// What a client asks for, in its own words.
#[derive(Debug, Default)]
pub struct StepUpRequest {
    /// The names of the levels that will do, the one that is wanted most first, between blanks.
    pub acr_values: Option<String>,
    /// How many seconds ago the sign-in that is credited may have been.
    pub max_age: Option<String>,
    /// A token of the sign-in that is to be credited.
    pub access_token: Option<SecretString>,
}

impl StepUpRequest {
    /// Whether anything is asked for.
    pub(super) fn is_asked(&self) -> bool {
        self.acr_values.is_some() || self.access_token.is_some()
    }
}

/// The levels that a sign-in is to reach, and what is credited to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StepUp {
    /// Never empty; the one that is wanted most comes first.
    wanted: Vec<u8>,
    credit: Option<Credit>,
}

/// What was proven in an earlier sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Credit {
    session: UserSessionId,
    methods: Vec<Method>,
    /// When the oldest of it was proven.
    since: Timestamp,
}

impl StepUp {
    /// The levels of these names, between blanks, without credit for anything; nothing where the pool has none of them.
    pub(crate) fn named(pool: &UserPool, names: &str) -> Option<Self> {
        let mut wanted: Vec<u8> = Vec::new();
        for level in names.split(' ').filter_map(|name| acr::level_of(pool, name)) {
            if !wanted.contains(&level) {
                wanted.push(level);
            }
        }
        (!wanted.is_empty()).then_some(Self { wanted, credit: None })
    }

    /// What a request to sign this person in asks for, if it asks for a level at all.
    ///
    /// # Errors
    /// [`Error::InvalidParameter`] when the pool has none of the levels, for a token without a level or of somebody else,
    /// and for what is no number of seconds; what is wrong with the token.
    pub(super) async fn asked(
        app: &App,
        context: &ClientContext,
        person: &Person,
        request: StepUpRequest,
    ) -> Result<Option<Self>> {
        let StepUpRequest { acr_values, max_age, access_token } = request;
        let max_age = max_age.map(|text| seconds(&text)).transpose()?;
        let Some(names) = acr_values else {
            return match access_token {
                Some(_) => Err(Error::invalid("ACCESS_TOKEN requires TARGET_ACR_VALUES.")),
                None => Ok(None),
            };
        };
        let Some(wanted) = Self::named(&context.pool, &names) else {
            return Err(Error::invalid("None of TARGET_ACR_VALUES is a level of the user pool."));
        };
        let credit = match access_token {
            Some(token) => credit(app, context, person, &token, max_age).await?,
            None => None,
        };
        Ok(Some(Self { credit, ..wanted }))
    }

    /// Those of these choices of a user's that lead to the level that is wanted most and can be reached. Who has not shown a
    /// token of theirs is not told which second factors they have.
    ///
    /// # Errors
    /// [`Error::LevelOutOfReach`] when none leads to any.
    pub(super) fn choices(&self, choices: &[Choice], factors: &[SecondFactor]) -> Result<Vec<Choice>> {
        if self.credit.is_none() {
            let leading = self.choices_of_anybody(choices);
            return if leading.is_empty() { Err(Error::LevelOutOfReach) } else { Ok(leading) };
        }
        let leads_to = |choice: Choice| self.best(first_factor(choice), factors);
        let level = self.wanted.iter().find(|level| choices.iter().any(|it| leads_to(*it) >= **level));
        let level = level.ok_or(Error::LevelOutOfReach)?;
        Ok(choices.iter().copied().filter(|choice| leads_to(*choice) >= *level).collect())
    }

    /// The same where it must not be told what somebody has.
    pub(super) fn choices_of_anybody(&self, choices: &[Choice]) -> Vec<Choice> {
        let lowest = self.lowest();
        let leads_to = |choice: Choice| self.best(first_factor(choice), &SecondFactor::ALL);
        choices.iter().copied().filter(|choice| leads_to(*choice) >= lowest).collect()
    }

    /// The highest level that a first factor leads to, for somebody who can give these second ones.
    fn best(&self, first: Method, factors: &[SecondFactor]) -> u8 {
        let mut methods = vec![first];
        if let Some(credit) = self.credit.as_ref().filter(|_| first == Method::Password) {
            methods.extend(&credit.methods);
        }
        let alone = acr::level(&methods).unwrap_or(0);
        let with = |factor: &SecondFactor| level_with(&methods, *factor);
        factors.iter().map(with).fold(alone, u8::max)
    }

    /// What is demanded after these methods, which the pool's own demand is part of.
    ///
    /// # Errors
    /// [`Error::LevelOutOfReach`] for who can give nothing that leads to any level.
    pub(super) fn raise(
        &self,
        demand: Option<Demand>,
        methods: &[Method],
        usable: &[SecondFactor],
        preferred: Option<SecondFactor>,
    ) -> Result<Option<Demand>> {
        let alone = acr::level(methods).unwrap_or(0);
        let asked = match &demand {
            Some(Demand::SetUp(factors)) => return self.raise_set_up(methods, factors),
            Some(Demand::Give { of, .. }) => of.clone(),
            None => Vec::new(),
        };
        let reaching = |factors: &[SecondFactor], level: u8| -> Vec<_> {
            factors.iter().copied().filter(|factor| level_with(methods, *factor) >= level).collect()
        };
        for level in &self.wanted {
            if alone >= *level {
                return Ok(demand);
            }
            for factors in [reaching(&asked, *level), reaching(usable, *level)] {
                if let Some(demand) = Demand::any_of(factors, preferred) {
                    return Ok(Some(demand));
                }
            }
        }
        Err(Error::LevelOutOfReach)
    }

    /// Those of the factors that have to be set up that lead to a level.
    fn raise_set_up(&self, methods: &[Method], factors: &[SecondFactor]) -> Result<Option<Demand>> {
        let reaches = |factor: &SecondFactor| level_with(methods, *factor) >= self.lowest();
        let reaching: Vec<_> = factors.iter().copied().filter(reaches).collect();
        if reaching.is_empty() { Err(Error::LevelOutOfReach) } else { Ok(Some(Demand::SetUp(reaching))) }
    }

    /// The factors of a user of whom nothing but a code of their authenticator app is wanted, because their password is
    /// credited.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn completed_by_app(
        &self,
        app: &App,
        pool: &UserPool,
        user: &User,
    ) -> Result<Option<SecondFactors>> {
        let Some(credit) = self.credit.as_ref().filter(|it| it.methods.contains(&Method::Password)) else {
            return Ok(None);
        };
        let factors = demand::factors_of(app, pool, user).await?;
        let is_older = factors
            .software_token
            .as_ref()
            .and_then(|token| token.since)
            .is_some_and(|since| since <= credit.since);
        let reaches = level_with(&credit.methods, SecondFactor::SoftwareToken) >= self.wanted[0];
        Ok((is_older && reaches).then_some(factors))
    }

    /// Whether these methods reach one of the levels.
    pub(crate) fn is_reached(&self, methods: &[Method]) -> bool {
        acr::level(methods).is_some_and(|level| level >= self.lowest())
    }

    fn lowest(&self) -> u8 {
        self.wanted.iter().copied().min().unwrap_or(*acr::LEVELS.end())
    }
}

impl Proven {
    /// With what is credited, now that a password was proven, or a code of this app.
    pub(super) fn with_credit(mut self, token: Option<&SoftwareToken>) -> Self {
        let changed_at = self.password_changed_at.filter(|_| self.methods.contains(&Method::Password));
        let Some(credit) = self.step_up.as_mut().and_then(|step_up| {
            let draws = |credit: &mut Credit| {
                let is_older = |at: Timestamp| at <= credit.since;
                changed_at.is_some_and(is_older) || token.and_then(|token| token.since).is_some_and(is_older)
            };
            step_up.credit.take_if(draws)
        }) else {
            return self;
        };
        (self.rests_on, self.since) = (Some(credit.session), Some(credit.since));
        // What was proven first stays first.
        let fresh = std::mem::replace(&mut self.methods, credit.methods);
        fresh.into_iter().fold(self, |all, method| all.and(method))
    }
}

/// What a token credits, which must be this person's, of the same client, and not a derived one.
async fn credit(
    app: &App,
    context: &ClientContext,
    person: &Person,
    token: &SecretString,
    max_age: Option<Duration>,
) -> Result<Option<Credit>> {
    let (pool, held) = (&context.pool, Held::ByClient(&context.origin));
    let token = verify::user_token(app, pool, token.expose_secret(), TokenUse::Access, held).await?;
    let (holder, scopes) = (&token.holder, &token.scopes);
    if !scopes.iter().any(|scope| scope == USER_ADMIN_SCOPE) {
        return Err(Error::MissingScope);
    }
    let is_own = holder.session.client == context.client.id && holder.client.id == context.client.id;
    if token.actor.is_some() || !is_own {
        return Err(Error::InvalidAccessToken);
    }
    if person.user().is_none_or(|user| user.id != holder.user.id) {
        return Err(Error::invalid("USERNAME is not the user of ACCESS_TOKEN."));
    }
    let session = &holder.session;
    let is_recent = max_age.is_none_or(|age| app.clock.now() - session.proven_since <= age);
    Ok(is_recent.then(|| Credit {
        session: session.id,
        methods: Method::of(session),
        since: session.proven_since,
    }))
}

fn seconds(text: &str) -> Result<Duration> {
    let seconds = text.parse::<u32>();
    let seconds = seconds.map_err(|_| Error::invalid("MAX_AGE is not a number of seconds."))?;
    Ok(Duration::seconds(seconds.into()))
}

/// What a choice proves. Of which kind a passkey is makes no difference to its level.
fn first_factor(choice: Choice) -> Method {
    match choice {
        Choice::Password | Choice::PasswordSrp => Method::Password,
        Choice::EmailOtp => Method::EmailOtp,
        Choice::SmsOtp => Method::Sms,
        Choice::Passkey => Method::RoamingKey,
    }
}

fn level_with(methods: &[Method], factor: SecondFactor) -> u8 {
    acr::level(&[methods, &[demand::method_of(factor)]].concat()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(wanted: &[u8], credited: &[Method]) -> StepUp {
        let credit = Credit {
            session: UserSessionId::random(),
            methods: credited.to_vec(),
            since: Timestamp::UNIX_EPOCH,
        };
        StepUp { wanted: wanted.to_vec(), credit: (!credited.is_empty()).then_some(credit) }
    }

    fn fresh(step_up: StepUp, method: Method) -> Proven {
        Proven { methods: vec![method], step_up: Some(step_up), ..Proven::default() }
    }

    #[test]
    fn the_choices_lead_to_the_best_level_within_reach() {
        use Choice::{EmailOtp, Passkey, Password};
        let all = [Password, EmailOtp, Passkey];
        let app = [SecondFactor::SoftwareToken];
        for (wanted, factors, expected) in [
            (&[4][..], &app[..], Some(&[Password][..])),
            (&[4], &[SecondFactor::Email], None),
            (&[4, 2], &[], Some(&[EmailOtp, Passkey])),
            (&[3], &app, Some(&[Password, Passkey])),
            (&[1], &[], Some(&all)),
        ] {
            let step_up = wants(wanted, &[Method::Password]);
            assert_eq!(step_up.choices(&all, factors).ok().as_deref(), expected, "{wanted:?} {factors:?}");
        }
        assert_eq!(wants(&[4, 2], &[]).choices(&all, &[]).unwrap(), all);
        assert_eq!(wants(&[4], &[]).choices(&all, &[]).unwrap(), [Password]);
    }

    #[test]
    fn only_a_password_and_an_older_app_draw_credit() {
        let credited = || wants(&[4], &[Method::Password, Method::SoftwareToken]);
        for method in [Method::EmailOtp, Method::Sms, Method::PlatformKey, Method::Custom] {
            let proven = fresh(credited(), method).with_credit(None);
            assert_eq!((proven.methods, proven.rests_on), (vec![method], None));
        }
        let step_up = credited();
        let session = step_up.credit.as_ref().map(|credit| credit.session);
        // Set since the sign-in, by whoever holds its token.
        let mut proven = fresh(step_up, Method::Password);
        proven.password_changed_at = Some(Timestamp::UNIX_EPOCH + Duration::seconds(1));
        let unaided = proven.clone().with_credit(None);
        assert_eq!((unaided.methods, unaided.rests_on), (vec![Method::Password], None));
        proven.password_changed_at = Some(Timestamp::UNIX_EPOCH);
        let proven = proven.with_credit(None);
        assert_eq!(proven.methods, [Method::Password, Method::SoftwareToken]);
        assert_eq!(proven.rests_on, session);
    }

    #[test]
    fn what_the_pool_demands_stays_where_it_reaches_the_level() {
        use SecondFactor::{Email, Sms, SoftwareToken};
        let give = |demand: Option<Demand>| match demand {
            Some(Demand::Give { first, .. }) => first,
            _ => None,
        };
        let demanded = |factor| Demand::any_of(vec![factor], None);
        let raise = |wanted: &[u8], demand: Option<Demand>, usable: &[SecondFactor]| {
            wants(wanted, &[]).raise(demand, &[Method::Password], usable, None).map(give)
        };
        assert_eq!(raise(&[1], None, &[Sms]).unwrap(), None);
        assert_eq!(raise(&[3], demanded(Email), &[SoftwareToken, Email]).unwrap(), Some(Email));
        assert_eq!(raise(&[4], demanded(Sms), &[SoftwareToken, Sms]).unwrap(), Some(SoftwareToken));
        assert_eq!(raise(&[4, 3], None, &[Sms]).unwrap(), Some(Sms));
        assert!(matches!(raise(&[4], None, &[Sms]), Err(Error::LevelOutOfReach)));
        assert_eq!(raise(&[4, 1], None, &[]).unwrap(), None);
    }
}
