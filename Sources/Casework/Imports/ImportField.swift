/// What a column of a file may hold. The names are those of the API's header.
public enum ImportField: String, Sendable, Hashable, CaseIterable {
    case email
    case givenName = "given_name"
    case familyName = "family_name"
    case preferredName = "preferred_name"
    case studentNumber = "student_number"
    case role
    case groups

    /// What registrars' systems call the column in several languages, as `Heading.key` writes it; the likeliest first.
    var usualNames: [String] {
        switch self {
        case .email:
            [
                "email", "emailaddress", "studentemail", "studentemailaddress", "institutionalemail", "universityemail",
                "collegeemail", "schoolemail", "campusemail", "officialemail", "primaryemail", "workemail", "useremail",
                "mail", "mailaddress", "emailprimary", "correo", "correoelectronico", "correoinstitucional",
                "direcciondecorreo", "direcciondecorreoelectronico", "emailinstitucional", "courriel",
                "adressecourriel", "adresseemail", "adressemail", "adresseelectronique", "emailadresse", "mailadresse",
                "emailadres", "epost", "epostadresse", "epostadress", "sahkoposti", "postaelettronica",
                "indirizzoemail", "enderecodeemail", "eposta", "adresemail", "メールアドレス", "电子邮件", "邮箱",
                "электроннаяпочта",
            ]
        case .givenName:
            [
                "givenname", "givennames", "firstname", "firstnames", "first", "forename", "forenames", "fname",
                "studentfirstname", "legalfirstname", "nombre", "nombres", "primernombre", "nombredepila", "prenom",
                "prenoms", "vorname", "vornamen", "nome", "primeironome", "voornaam", "voornamen", "imie", "imiona",
                "fornamn", "fornavn", "etunimi", "jmeno", "keresztnev", "名", "имя",
            ]
        case .familyName:
            [
                "familyname", "lastname", "last", "surname", "lname", "studentlastname", "legallastname", "apellido",
                "apellidos", "primerapellido", "nom", "nomdefamille", "nachname", "familienname", "cognome",
                "sobrenome", "apelido", "apelidos", "ultimonome", "achternaam", "nazwisko", "efternamn", "etternavn",
                "efternavn", "sukunimi", "soyad", "soyadi", "prijmeni", "vezeteknev", "姓", "фамилия",
            ]
        case .preferredName:
            [
                "preferredname", "preferredfirstname", "chosenname", "knownas", "goesby", "nickname",
                "nombrepreferido", "nombresocial", "nomesocial", "prenomusuel", "prenomdusage", "rufname", "spitzname",
                "roepnaam",
            ]
        case .studentNumber:
            [
                "studentnumber", "studentid", "studentno", "studentnr", "studentidnumber", "sisuserid", "sisid",
                "idnumber", "universityid", "collegeid", "campusid", "emplid", "bannerid", "matriculationnumber",
                "matrikelnummer", "matrikelnr", "matrnr", "matricula", "numerodematricula", "nmatricula",
                "numerodeestudiante", "numeroestudiante", "numerodealumno", "expediente", "codigodeestudiante",
                "codigoestudiante", "numeroetudiant", "numerodetudiant", "noetudiant", "numetudiant", "matricola",
                "numerodimatricola", "studentnummer", "studienummer", "numeralbumu", "学号", "学籍番号",
            ]
        case .role: ["role", "userrole", "rol", "rolle", "papel", "ruolo", "funktion", "fonction"]
        case .groups:
            [
                "groups", "group", "supportgroup", "supportgroups", "teams", "team", "grupos", "grupo", "gruppen",
                "gruppe", "groupes", "groupe", "gruppi", "gruppo",
            ]
        }
    }
}

/// What stands above a column.
enum Heading {
    /// The heading in the form in which headings are compared: letters and digits alone, in lower case and without marks.
    static func key(_ heading: String) -> String {
        var key = String.UnicodeScalarView()
        for scalar in heading.lowercased().unicodeScalars {
            if scalar.isASCII {
                if scalar.isLetterOrDigit { key.append(scalar) }
            } else if let plain = plain[scalar] {
                key.append(contentsOf: plain.unicodeScalars)
            } else if scalar.isWordCharacter, scalar.properties.generalCategory != .nonspacingMark {
                key.append(scalar)
            }
        }
        return String(key)
    }

    /// Letters with marks, composed, as most keyboards write them.
    private static let plain: [Unicode.Scalar: String] = {
        let groups = [
            "a": "áàâäãåāă", "ae": "æ", "c": "çćč", "e": "éèêëēęě", "i": "íìîïī", "l": "ł", "n": "ñńň", "o": "óòôöõøō",
            "": "ºª", "r": "ř", "s": "śšş", "ss": "ß", "u": "úùûüūů", "y": "ýÿ", "z": "źżž",
        ]
        var table: [Unicode.Scalar: String] = [:]
        for (plain, letters) in groups { for letter in letters.unicodeScalars { table[letter] = plain } }
        return table
    }()
}

/// What an institution's headings mean, as somebody there said before, by `Heading.key`; nil stands for a column to be left out.
public typealias KeptColumns = [String: ImportField?]
