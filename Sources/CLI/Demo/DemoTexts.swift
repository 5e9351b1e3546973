/// Sentences of the demo: milestones, biographies, comments.
enum DemoTexts {
    struct Milestone: Sendable {
        let title: String
        let description: String
        let completion: String
        let file: String?
        /// What students write when they send it in; none where they complete it themselves.
        var submissions: [String] = []
        /// What staff write when they send it back.
        var returns: [String] = []
    }

    static let milestones: [Milestone] = [
        Milestone(
            title: "Meet your advisor",
            description:
                "Book half an hour with your advisor and bring your questions. Together you write down what you want from this year and which courses lead there. Ask them to confirm the meeting here.",
            completion: "staff", file: "questions-to-bring.txt",
            submissions: [
                "We met on Tuesday and wrote down three courses for spring.",
                "Met in the advising office; the plan is in my folder.",
                "We met by video. I am thinking about changing to biology.",
            ],
            returns: [
                "Please write down which courses you agreed on.",
                "I have no note of a meeting yet. Book one, then send this again.",
            ]),
        Milestone(
            title: "Complete the orientation checklist",
            description:
                "Student card, e-mail, library account, emergency contact. Tick this off yourself once all four work.",
            completion: "student", file: "orientation-checklist.pdf"),
        Milestone(
            title: "Attend the job fair",
            description:
                "Talk to at least three employers. Afterwards write down what they look for and what surprised you, and submit that as your comment.",
            completion: "staff", file: nil,
            submissions: [
                "Talked to four employers. All of them asked about teamwork, two about Spanish.",
                "I went in the morning. The city's water works surprised me most.",
                "Three talks, two business cards, one interview next week.",
            ],
            returns: [
                "Whom did you talk to? Please name the three employers.",
                "Good start. What surprised you?",
            ]),
        Milestone(
            title: "Register for next term's classes",
            description:
                "Registration opens in waves. Have two alternatives for every course, and clear holds with the registrar before your day comes.",
            completion: "student", file: "registration-guide.pdf"),
        Milestone(
            title: "Midterm check-in",
            description:
                "Fifteen minutes about how the courses go: which one worries you, which one you would take again. We agree on one thing to change.",
            completion: "staff", file: nil,
            submissions: [
                "Chemistry worries me, history I would take again.",
                "All fine but statistics. I signed up for tutoring.",
                "We agreed that I go to the study group on Mondays.",
            ],
            returns: [
                "Which one thing do you want to change? Please add it.",
                "Please come by first; this takes fifteen minutes.",
            ]),
        Milestone(
            title: "Join one campus organization",
            description:
                "Any club, team, choir or council counts. Go twice before you decide. Tell us which one it was.",
            completion: "student", file: nil),
        Milestone(
            title: "Take the math placement review",
            description: "Forty minutes online, as often as you like. The result only decides where we begin.",
            completion: "staff", file: "practice-problems.pdf",
            submissions: [
                "Done, 31 of 40 points.",
                "Second try was much better: 36 points.",
                "Finished last night. When do we talk about the result?",
            ],
            returns: [
                "The result page is missing. Please add your points.",
                "You stopped after part one. Part two takes ten minutes.",
            ]),
        Milestone(
            title: "Visit the tutoring center",
            description: "One visit is enough to know the way. Bring an assignment that is due soon.",
            completion: "staff", file: nil,
            submissions: [
                "I brought my essay, and we worked on the first page.",
                "Went on Wednesday with the calculus sheet.",
                "Nice place. I will come again before the exam.",
            ],
            returns: [
                "Whom did you see there? Please add the name.",
                "Please go once with an assignment of yours.",
            ]),
        Milestone(
            title: "File your financial aid renewal",
            description:
                "Renewal takes an hour if last year's papers are at hand. Missing the date costs money, so ask early if something is unclear.",
            completion: "staff", file: "papers-you-need.txt",
            submissions: [
                "All papers are in; the office gave me a receipt.",
                "Filed on Friday, confirmation number 48-1107.",
                "Sent with last year's tax form.",
            ],
            returns: [
                "The tax form is of the year before last. Please send the new one.",
                "The receipt cannot be read. Please take another picture.",
            ]),
        Milestone(
            title: "Write your four-semester plan",
            description:
                "List the courses of the next four semesters and mark what depends on what. Your advisor reads it and returns it with remarks.",
            completion: "staff", file: "plan-template.txt",
            submissions: [
                "Here is my first version.",
                "Four semesters, with two alternatives for spring.",
                "I put the internship into the third semester.",
            ],
            returns: [
                "Please add the course numbers.",
                "Organic chemistry needs general chemistry first. Swap the two.",
            ]),
        Milestone(
            title: "Settle transfer credits",
            description:
                "Send the transcripts of every college you attended. The registrar answers within two weeks; appeal with a syllabus where a course was not recognized.",
            completion: "staff", file: nil,
            submissions: [
                "Both transcripts are on their way.",
                "The registrar recognized 27 of 30 credits.",
                "I appealed for statistics with the syllabus.",
            ],
            returns: [
                "The transcript of the second college is missing.",
                "Please say which courses you appeal for.",
            ]),
        Milestone(
            title: "Draft your résumé",
            description: "One page. Say what you did and what came of it. Career Services reads drafts every Thursday.",
            completion: "staff", file: "resume-example.pdf",
            submissions: [
                "One page, with the summer job on top.",
                "Here is the draft. Is the order right?",
                "New version after Thursday's reading.",
            ],
            returns: [
                "Two pages are one too many. What can go?",
                "Say what came of it, not only what you did.",
            ]),
        Milestone(
            title: "Plan your study week",
            description:
                "Put classes, work and sleep into a week and see what is left. Keep it for three weeks, then adjust.",
            completion: "student", file: "week-planner.pdf"),
        Milestone(
            title: "Submit your thesis proposal",
            description: "Two pages: the question, why it matters, how you will answer it, and who reads it with you.",
            completion: "staff", file: "proposal-outline.txt",
            submissions: [
                "Two pages; Dr. Okafor reads it with me.",
                "The question is narrower now.",
                "Proposal with a first list of sources.",
            ],
            returns: [
                "Who reads it with you? Please ask before you send it.",
                "The question is clear. Say how you will answer it.",
            ]),
        Milestone(
            title: "Ask for two letters of recommendation",
            description: "Ask people who saw you work, six weeks ahead, with your plan attached. Tell us who agreed.",
            completion: "staff", file: nil,
            submissions: [
                "Professor Lindqvist and my manager at the lab agreed.",
                "Both agreed, both have my plan.",
                "One yes, one answer by Monday.",
            ],
            returns: [
                "One of them is a relative. Please ask somebody else.",
                "Please name the second person.",
            ]),
        Milestone(
            title: "Pass the academic integrity module",
            description:
                "Sources, quotations, group work, tools. Thirty minutes and ten questions; eight right answers pass.",
            completion: "student", file: nil),
    ]

    static let approvals = [
        "Well done.", "Thank you, all complete.", "Good plan. Keep going.", "Received and checked.",
    ]
    static let waivers = [
        "Did this at another college; the record is on file.", "On medical leave until next term.",
        "Was done last year already.",
    ]
    static let biographies = [
        "I have worked with students for eleven years and still learn their shortcuts. Ask me about changing majors.",
        "First in my family to finish college. If the paperwork feels endless, come by and we do it together.",
        "Before this job I taught for six years. I like plans that fit on one page.",
        "I speak three languages and can explain a bill in all of them.",
        "Runner, baker, patient listener. My door is open when the lamp is on.",
        "I help you find the question before we look for the answer.",
    ]
    static let hours = [
        "Mon–Thu 9–12 and 13–16", "Tue and Thu 10–15, Wed by appointment", "Mon–Fri 8:30–11:30",
        "Afternoons, except Friday",
    ]

    /// The content of a milestone's file.
    static func content(of file: String, title: String) -> [UInt8] {
        let lines = [
            title, "", "1. Read the description once more.", "2. Note what you have already.",
            "3. Note what is missing, and who can help.", "4. Put the next step into your calendar.",
        ]
        return file.hasSuffix(".pdf") ? pdf(lines) : Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// A one-page PDF 1.4 with these lines.
    static func pdf(_ lines: [String]) -> [UInt8] {
        let safe = lines.map { line in
            String(line.unicodeScalars.filter(\.isASCII).map(Character.init))
                .replacing("\\", with: "\\\\").replacing("(", with: "\\(").replacing(")", with: "\\)")
        }
        let page = "BT /F1 14 Tf 72 720 Td 22 TL " + safe.map { "(\($0)) Tj T*" }.joined(separator: " ") + " ET"
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
                + "/Resources << /Font << /F1 5 0 R >> >> >>",
            "<< /Length \(page.utf8.count) >>\nstream\n\(page)\nendstream",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
        var text = "%PDF-1.4\n"
        var offsets: [Int] = []
        for (index, object) in objects.enumerated() {
            offsets.append(text.utf8.count)
            text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
        }
        let start = text.utf8.count
        text += "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
        for offset in offsets {
            let digits = String(offset)
            text += String(repeating: "0", count: 10 - digits.count) + digits + " 00000 n \n"
        }
        text += "trailer\n<< /Size \(objects.count + 1) /Root 1 0 R >>\nstartxref\n\(start)\n%%EOF\n"
        return Array(text.utf8)
    }
}
