/// What differs between the two demo institutions, and the texts both use.
struct DemoCatalog: Sendable {
    struct Group: Sendable {
        let name: String
        let description: String
        /// Position of its department.
        let department: Int
        /// What its people are called.
        let title: String
    }

    struct Cohort: Sendable {
        /// Position of its category.
        let category: Int
        /// `{year}` stands for this year, `{last}` for the one before.
        let name: String
        let goal: String
        /// Positions of the groups that support it.
        let groups: [Int]
        /// Positions of its milestones in `DemoTexts.milestones`.
        let milestones: [Int]
    }

    let name: String
    let timeZone: String
    let departments: [String]
    let groups: [Group]
    let categories: [String]
    let cohorts: [Cohort]
    let campus: [String]

    static func of(_ slug: String) -> DemoCatalog { slug == "lakeside" ? lakeside : northfield }

    static let northfield = DemoCatalog(
        name: "Northfield College", timeZone: "America/Chicago",
        departments: ["Student Success", "Academic Affairs", "Campus Life"],
        groups: [
            Group(
                name: "Academic Advising", description: "Plans, registration and academic standing.", department: 0,
                title: "Academic Advisor"),
            Group(
                name: "Tutoring Center", description: "Tutors for mathematics, writing and science.", department: 0,
                title: "Learning Specialist"),
            Group(
                name: "Career Services", description: "Résumés, internships, first jobs.", department: 0,
                title: "Career Counselor"),
            Group(
                name: "Financial Aid", description: "Grants, loans and work-study.", department: 1,
                title: "Financial Aid Officer"),
            Group(
                name: "Library Research Help", description: "Finding, reading and citing sources.", department: 1,
                title: "Research Librarian"),
            Group(
                name: "Residence Life", description: "Halls, roommates and belonging.", department: 2,
                title: "Residence Coordinator"),
            Group(
                name: "Counseling", description: "Confidential support for hard times.", department: 2,
                title: "Counselor"),
        ],
        categories: ["First-Year Students", "Transfer Students", "Honors Program", "Student Athletes"],
        cohorts: [
            Cohort(
                category: 0, name: "Fall {year}", goal: "Every first-year has a plan and someone to ask.",
                groups: [0, 1, 5], milestones: [0, 1, 2, 3, 4, 5]),
            Cohort(
                category: 0, name: "Spring {year}", goal: "Mid-year starters catch up by midterm.", groups: [0, 6],
                milestones: [0, 1, 3, 6, 7]),
            Cohort(
                category: 0, name: "First-Generation {year}", goal: "Nine in ten return for a second year.",
                groups: [1, 3, 6], milestones: [0, 2, 5, 8, 9, 4]),
            Cohort(
                category: 1, name: "Community College Transfers", goal: "All credits settled in the first month.",
                groups: [0, 3], milestones: [10, 0, 8, 3, 11]),
            Cohort(
                category: 1, name: "Returning Adults", goal: "A weekly rhythm that fits around work.", groups: [3, 4],
                milestones: [10, 8, 6, 12, 4]),
            Cohort(
                category: 2, name: "Thesis Year {year}", goal: "Every thesis has a reader by winter.", groups: [4],
                milestones: [13, 14, 12, 11, 15]),
            Cohort(
                category: 2, name: "Sophomore Scholars", goal: "Two applications for fellowships each.",
                groups: [2, 4], milestones: [11, 14, 9, 15, 3]),
            Cohort(
                category: 3, name: "Winter Sports", goal: "Eligible all season, on track to graduate.", groups: [5, 6],
                milestones: [1, 3, 6, 7, 5, 8]),
        ],
        campus: ["Alder Hall", "Founders Hall", "Meyer Center", "Old Library"])

    static let lakeside = DemoCatalog(
        name: "Lakeside University", timeZone: "America/New_York",
        departments: ["Enrollment and Advising", "Learning Commons"],
        groups: [
            Group(
                name: "First-Year Advisors", description: "The first person to ask in the first year.", department: 0,
                title: "First-Year Advisor"),
            Group(
                name: "Registrar's Desk", description: "Credits, transcripts and registration.", department: 0,
                title: "Registrar Associate"),
            Group(
                name: "Scholarships Office", description: "Money for study, and how to keep it.", department: 0,
                title: "Scholarships Advisor"),
            Group(
                name: "Writing Studio", description: "Feedback on any text, at any stage.", department: 1,
                title: "Writing Coach"),
            Group(
                name: "Math Lab", description: "Drop-in help from algebra to analysis.", department: 1,
                title: "Math Coach"),
            Group(
                name: "International Students", description: "Visas, housing and finding one's feet.", department: 0,
                title: "International Advisor"),
        ],
        categories: ["New Students", "International Students", "Teacher Education"],
        cohorts: [
            Cohort(
                category: 0, name: "Fall {year} Day", goal: "All registered for spring by November.", groups: [0, 3],
                milestones: [0, 1, 2, 3, 5, 4]),
            Cohort(
                category: 0, name: "Fall {year} Evening", goal: "Help within reach after six o'clock.", groups: [0, 4],
                milestones: [0, 3, 8, 6, 4]),
            Cohort(
                category: 0, name: "Summer Bridge {year}", goal: "Ready for college mathematics.", groups: [4],
                milestones: [6, 1, 7, 0, 9]),
            Cohort(
                category: 1, name: "Exchange {last}/{year}", goal: "Credits recognized at home.", groups: [5, 1],
                milestones: [10, 0, 3, 12, 8]),
            Cohort(
                category: 1, name: "Degree Students", goal: "Settled within six weeks.", groups: [5, 3],
                milestones: [0, 10, 2, 8, 9, 11]),
            Cohort(
                category: 2, name: "Student Teachers {year}", goal: "Every placement visited twice.", groups: [1, 2],
                milestones: [14, 13, 15, 11, 12]),
            Cohort(
                category: 2, name: "Licensure Candidates", goal: "First-attempt pass for nine in ten.", groups: [2, 3],
                milestones: [15, 8, 14, 6, 3]),
        ],
        campus: ["Harbor Building", "Commons", "North Quad"])
}
