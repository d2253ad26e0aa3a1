"""How columns about people are called, in the languages that tables are written in."""

import re
import unicodedata
from collections.abc import Mapping

from mintmark.data.schema import Personal

HINTS: Mapping[Personal, tuple[str, ...]] = {
    Personal.EMAIL: (
        "email_address", "email", "e_mail", "mail", "courriel", "correo_electronico", "correo", "epost", "sahkoposti",
    ),
    Personal.PHONE: (
        "phone_number", "phone", "telephone", "telephone_number", "telefon", "telefonnummer", "telefono", "telefone",
        "telefoon", "tel", "mobile_number", "mobile_phone", "mobile", "mobil", "cell_phone", "handy", "handynummer",
        "portable", "movil", "celular", "cellulare", "fax", "puhelin", "puhelinnumero",
    ),
    Personal.IBAN: ("iban",),
    Personal.CARD: ("credit_card_number", "credit_card", "card_number", "kreditkarte", "kreditkartennummer"),
    Personal.SSN: (
        "ssn", "social_security_number", "social_security", "national_id", "nin", "nino", "nif", "dni", "cpf", "curp",
        "steuer_id", "steuernummer", "sozialversicherungsnummer", "svnr", "codice_fiscale", "bsn", "pesel",
        "personnummer", "cpr", "hetu", "passport_number", "passport", "tax_id", "drivers_license", "nss",
    ),
    Personal.IP: ("ip_address", "ip", "ip_adresse"),
    Personal.URL: ("url", "website", "homepage", "webseite", "site_web"),
    Personal.USERNAME: (
        "username", "user_name", "login", "nickname", "screen_name", "benutzername", "nutzername", "identifiant",
    ),
    Personal.FIRST_NAME: (
        "first_name", "firstname", "given_name", "forename", "vorname", "prenom", "primer_nombre", "fornavn", "fornamn",
        "etunimi", "imie", "voornaam", "jmeno", "keresztnev",
    ),
    Personal.LAST_NAME: (
        "last_name", "lastname", "surname", "family_name", "nachname", "familienname", "nom_de_famille", "apellido",
        "apellidos", "cognome", "achternaam", "efternamn", "efternavn", "etternavn", "sukunimi", "nazwisko",
        "sobrenome", "apelido", "prijmeni", "soyad",
    ),
    Personal.NAME: (
        "full_name", "fullname", "customer_name", "client_name", "patient_name", "person_name", "employee_name",
        "contact_name", "account_holder", "cardholder", "kundenname", "nom_complet", "nombre_completo",
        "nome_completo", "passenger_name", "host_name", "kontoinhaber", "name", "nom", "nome", "nombre", "naam",
        "namn", "navn", "nimi", "customer", "client", "patient", "person", "employee", "contact", "owner", "author",
        "host", "passenger", "kunde", "cliente", "mitarbeiter", "ansprechpartner",
    ),
    Personal.STREET: (
        "street_address", "street", "strasse", "rue", "calle", "rua", "straat", "gata", "gatuadress",
        "vej", "ulica", "katuosoite", "address_line_1", "address_line1", "address1", "hausanschrift",
    ),
    Personal.ADDRESS: (
        "address", "home_address", "adresse", "anschrift", "direccion", "indirizzo", "endereco", "adres", "adress",
        "osoite", "domicilio",
    ),
    Personal.POSTCODE: (
        "zip_code", "zipcode", "zip", "postcode", "post_code", "postal_code", "plz", "postleitzahl", "code_postal",
        "codigo_postal", "cep", "postnummer", "postinumero",
    ),
    Personal.CITY: (
        "city", "town", "ort", "stadt", "wohnort", "ville", "ciudad", "citta", "cidade", "plaats", "woonplaats",
        "stad", "miasto", "kaupunki", "mesto",
    ),
    Personal.COMPANY: (
        "company_name", "company", "employer", "organisation", "organization", "firma", "unternehmen", "arbeitgeber",
        "entreprise", "societe", "empresa", "azienda", "bedrijf", "foretag",
    ),
}  # fmt: skip
"""Words in small letters, without accents, joined by _; what stands first is asked for first."""

CLEAR_NAMES = HINTS[Personal.NAME][:17]
"""So called, a column names persons; called otherwise, it may name anything."""


def words(name: str) -> str:
    """A column's name as small words: `E-Mail des Käufers` is `_e_mail_des_kaufers_`."""
    parted = re.sub(r"([a-z])([A-Z])", r"\1_\2", name.replace("ß", "ss"))
    plain = unicodedata.normalize("NFKD", parted).encode("ascii", "ignore").decode().lower()
    return f"_{re.sub(r'[^a-z0-9]+', '_', plain).strip('_')}_"


def hint(name: str, personal: Personal) -> str:
    """The words in a column's name that promise such values; empty where none do."""
    found = words(name)
    return next((phrase for phrase in HINTS[personal] if f"_{phrase}_" in found), "")


def role(name: str, personal: Personal) -> str:
    """Whose it is: what a column's name says beside its hint, `buyer` of both `buyer_name` and `buyer_email`."""
    return words(name).replace(f"_{hint(name, personal)}_", "_", 1).strip("_") if hint(name, personal) else ""
