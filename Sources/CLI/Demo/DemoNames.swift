import Foundation

/// Given and family names that occur together, from many places.
enum DemoNames {
    private static let cultures: [(given: [String], family: [String])] = [
        (
            [
                "Emma", "Liam", "Olivia", "Noah", "Hannah", "Ethan", "Grace", "Caleb", "Abigail", "Wyatt", "Ruth",
                "Owen",
            ],
            [
                "Bennett", "Carter", "Hughes", "Sullivan", "Walker", "Parker", "O'Connor", "Whitfield", "Brooks",
                "Foster",
            ]
        ),
        (
            ["Sofía", "Mateo", "Valentina", "Diego", "Camila", "Javier", "Lucía", "Andrés", "Ximena", "Joaquín"],
            [
                "García López", "Hernández", "Rojas", "Morales", "Peña", "Castillo", "Fuentes", "Ibáñez", "Núñez",
                "Vargas",
            ]
        ),
        (
            ["Adaeze", "Chidi", "Ngozi", "Emeka", "Folake", "Tunde", "Yetunde", "Obinna", "Amara", "Segun"],
            ["Okafor", "Adeyemi", "Nwosu", "Balogun", "Eze", "Ogunleye", "Achebe", "Danjuma", "Onyango", "Mensah"]
        ),
        (
            ["Wei", "Xinyi", "Haoran", "Mei", "Jiahui", "Zihan", "Yutong", "Ming", "Lan", "Jun"],
            ["Chen", "Wang", "Zhao", "Liu", "Huang", "Lin", "Guo", "Xu", "Sun", "Tang"]
        ),
        (
            ["Priya", "Arjun", "Ananya", "Rohan", "Kavya", "Vikram", "Meera", "Aditya", "Isha", "Sanjay"],
            ["Sharma", "Patel", "Iyer", "Nair", "Reddy", "Banerjee", "Kulkarni", "Mukherjee", "Singh", "Chaudhary"]
        ),
        (
            ["Fatima", "Omar", "Layla", "Yusuf", "Nour", "Karim", "Amina", "Hassan", "Salma", "Tariq"],
            ["Haddad", "El-Sayed", "Rahman", "Khalil", "Mansour", "Aziz", "Farouk", "Najjar", "Siddiqui", "Bakr"]
        ),
        (
            ["Zofia", "Jakub", "Ingrid", "Lars", "Anika", "Tomáš", "Eszter", "Dmitri", "Katarina", "Søren"],
            ["Kowalska", "Nowak", "Lindqvist", "Jørgensen", "Müller", "Novák", "Szabó", "Petrov", "Horvat", "Weiß"]
        ),
        (
            ["Minh", "Linh", "Thảo", "Somchai", "Putri", "Budi", "Maria Clara", "Jose Rizalino", "Aiko", "Min-jun"],
            ["Nguyễn", "Trần", "Phạm", "Suwan", "Wijaya", "Santos", "Dela Cruz", "Tanaka", "Kim", "Park"]
        ),
        (
            ["Kiona", "Tallulah", "Keoni", "Leilani", "Talon", "Aiyana", "Sione", "Mele"],
            ["Begay", "Yazzie", "Kahale", "Kealoha", "Tsosie", "Blackhorse", "Tupou", "Fonoti"]
        ),
    ]

    /// What some who are given a name would rather be called.
    static let preferred = [
        "Abigail": "Abby", "Valentina": "Vale", "Joaquín": "Quino", "Yetunde": "Yetty", "Xinyi": "Cindy",
        "Haoran": "Leo",
        "Aditya": "Adi", "Vikram": "Vik", "Dmitri": "Dima", "Katarina": "Kata", "Jakub": "Kuba", "Maria Clara": "Clara",
        "Jose Rizalino": "Riz", "Min-jun": "MJ", "Tallulah": "Lula",
    ]

    /// A name nobody has yet. A few people have only one.
    static func next(_ random: inout DemoRandom, taken: inout Set<String>) -> (given: String, family: String) {
        while true {
            let culture = random.one(of: cultures)
            let given = random.one(of: culture.given)
            let family = random.chance(1) ? "" : random.one(of: culture.family)
            if taken.insert("\(given) \(family)").inserted { return (given, family) }
        }
    }

    /// The local part of an e-mail address: plain letters and dots.
    static func mailbox(_ given: String, _ family: String) -> String {
        let special: [Character: String] = ["ß": "ss", "ø": "o", "ł": "l", "đ": "d", "æ": "ae"]
        let words = "\(given) \(family)".lowercased().split(separator: " ").map { word in
            word.reduce(into: "") { plain, character in
                if let spelled = special[character] {
                    plain += spelled
                } else if let scalar = String(character).decomposedStringWithCanonicalMapping.unicodeScalars.first,
                    ("a"..."z").contains(scalar)
                {
                    plain.unicodeScalars.append(scalar)
                }
            }
        }
        return words.filter { !$0.isEmpty }.joined(separator: ".")
    }
}
