//! Domains below which strangers have their sites, as the Public Suffix List (publicsuffix.org) names them and browsers know them.
//!
//! Only those that people may put a Pomerium under are here. What is not here is believed: a wrong alarm is worse than silence.

/// What registries of countries sell names below, before the dot and the country.
const REGISTRIES: [(&str, &str); 15] = [
    ("ac", "at au cn id il in jp ke kr nz th tz uk za"),
    ("co", "at id il in jp ke kr ma nz th tz ug uk za zm zw"),
    (
        "com",
        "ar au bd bo br cn co cy do ec eg gh gr gt hk hn hr ke kw lb mt mx my na ng ni np om pa pe ph pk pl pt py qa sa sg sv tr tw ua uy ve vn",
    ),
    ("asso", "fr"),
    ("edu", "ar au br cn co hk in mx my pe ph pk pl sg tr tw ua vn"),
    ("gouv", "fr"),
    ("gov", "ar au br cn co hk in my ng ph pk pl sg tr tw ua uk vn za"),
    ("id", "au"),
    ("ltd", "uk"),
    ("net", "ar au br cn co id il in mx my nz ph pk pl sg tr tw ua uk vn za"),
    ("ne", "jp ke kr"),
    ("or", "at id jp ke kr th tz"),
    ("org", "ar au br cn co hk il in mx my ng nz ph pk pl sg tr tw ua uk vn za"),
    ("gob", "ar bo cl do ec es gt hn mx ni pa pe sv ve"),
    ("tm", "fr"),
];

/// What companies give to each customer.
const COMPANIES: [&str; 73] = [
    "a.run.app",
    "appspot.com",
    "azure-api.net",
    "azurecontainerapps.io",
    "azurefd.net",
    "azurestaticapps.net",
    "azurewebsites.net",
    "blob.core.windows.net",
    "blogspot.com",
    "cleverapps.io",
    "cloudapp.azure.com",
    "cloudapp.net",
    "cloudfront.net",
    "co.com",
    "csb.app",
    "ddns.net",
    "ddnsfree.com",
    "de.com",
    "dedyn.io",
    "deno.dev",
    "digitaloceanspaces.com",
    "dnsalias.com",
    "duckdns.org",
    "dyndns.org",
    "elb.amazonaws.com",
    "eu.com",
    "firebaseapp.com",
    "fly.dev",
    "freeddns.org",
    "gb.net",
    "github.io",
    "gitlab.io",
    "glitch.me",
    "goip.de",
    "herokuapp.com",
    "hf.space",
    "homeip.net",
    "hopto.org",
    "koyeb.app",
    "loca.lt",
    "myfritz.net",
    "netlify.app",
    "ngrok-free.app",
    "ngrok-free.dev",
    "ngrok.app",
    "ngrok.dev",
    "ngrok.io",
    "nip.io",
    "no-ip.org",
    "ondigitalocean.app",
    "onrender.com",
    "pages.dev",
    "railway.app",
    "repl.co",
    "replit.dev",
    "run.app",
    "selfhost.eu",
    "servebeer.com",
    "spdns.de",
    "sslip.io",
    "streamlit.app",
    "synology.me",
    "trafficmanager.net",
    "trycloudflare.com",
    "ts.net",
    "uk.com",
    "up.railway.app",
    "us.com",
    "vercel.app",
    "web.app",
    "wordpress.com",
    "workers.dev",
    "zapto.org",
];

/// And those that give a region of theirs to each: `*.` in the list.
const REGIONAL: [&str; 3] = ["azurecontainerapps.io", "cloudapp.azure.com", "elb.amazonaws.com"];

/// Cities of Japan under which each ward or office has a suffix of its own, `*.` in the list, too.
const CITIES: [&str; 7] =
    ["kawasaki.jp", "kitakyushu.jp", "kobe.jp", "nagoya.jp", "sapporo.jp", "sendai.jp", "yokohama.jp"];

/// The states below `us`, of which the towns, and the schools, colleges and libraries are strangers to each other.
const STATES: &str = "ak al ar az ca co ct dc de fl ga gu hi ia id il in ks ky la ma md me mi mn mo ms mt nc nd ne nh nj nm nv ny oh ok or pa pr ri sc sd tn tx ut va vi vt wa wi wv wy";

/// The schools below the states of Australia are strangers, too.
const SCHOOLS: &str = "act catholic nsw nt qld sa tas vic wa";

/// Whether browsers take no cookie for this domain from what lies below it. In lower case.
pub fn is_public_suffix(domain: &str) -> bool {
    let is_of_registry = |(label, country): (&str, &str)| {
        REGISTRIES
            .iter()
            .any(|(known, countries)| *known == label && countries.split(' ').any(|known| known == country))
    };
    let is_regional = |(_, company): (&str, &str)| REGIONAL.contains(&company) || CITIES.contains(&company);
    let parts = domain.split_once('.');
    parts.is_none_or(|parts| is_regional(parts) || is_of_registry(parts))
        || COMPANIES.contains(&domain)
        || CITIES.contains(&domain)
        || is_of_state(domain)
        || domain.strip_suffix(".edu.au").is_some_and(|state| SCHOOLS.split(' ').any(|known| known == state))
}

/// `ma.us` and `k12.ma.us`.
fn is_of_state(domain: &str) -> bool {
    let Some(place) = domain.strip_suffix(".us") else { return false };
    let state = ["k12.", "cc.", "lib."].iter().find_map(|kind| place.strip_prefix(*kind)).unwrap_or(place);
    STATES.split(' ').any(|known| known == state)
}
