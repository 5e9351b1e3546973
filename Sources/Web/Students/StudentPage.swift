import Casework

/// One student's record: cohorts, milestones with what staff can do, history, network, and why one sees it.
struct StudentPage {
    let visit: Visit
    let viewer: Viewer
    let record: StudentRecord
    let background: StudentBackground
    /// Who read this record; nil for whoever may not know.
    let looks: [AuditEntry]?
    /// The later dates that were asked for or granted, and the steps that led there.
    let extensions: (extensions: [Int: ExtensionEntry], events: [ExtensionEvent])
    /// The milestone whose form was sent.
    let sent: Int?
    /// The milestone whose extension's form was sent.
    let sentExtension: Int?

    private var words: Catalogue { visit.words }

    @HTMLBuilder var html: HTML {
        head
        cohorts
        milestones
        if !record.retired.isEmpty { retired }
        div(.class("halves")) {
            history
            div(.class("stack-5")) {
                network
                why
                if let looks { reads(looks) }
            }
        }
    }

    private var head: HTML {
        div(.class("page-head")) {
            div(.class("row")) {
                avatar(of: record.account.name)
                div {
                    breadcrumbs(words, [Crumb(text: words[StudentText.title], address: "/students")])
                    h1 {
                        bdi { record.account.name }
                        if record.account.status == "suspended" {
                            " "
                            tag(Tag(text: words[StudentText.suspended], tone: .warn))
                        }
                    }
                    p {
                        a(.href("mailto:\(record.account.email)")) { record.account.email }
                        if let number = record.account.studentNumber { " · \(number)" }
                        if record.account.preferredName != nil {
                            " · \(words[AccountText.givenName]): "
                            bdi { record.account.givenName }
                        }
                    }
                }
            }
        }
    }

    private var cohorts: HTML {
        nav(.class("filters"), .ariaLabel(words[StudentText.cohorts])) {
            ul(.class("row")) {
                for cohort in record.cohorts {
                    li {
                        a(.href("/cohorts/\(cohort.id)/progress")) {
                            "\(cohort.name) "
                            span(.class("quiet")) { "· \(cohort.category)" }
                        }
                    }
                }
            }
        }
    }

    private var milestones: HTML {
        card(
            "milestones", words[StudentText.milestones],
            beside: { progressMeter(of: record.milestones, words) },
            content: {
                if record.milestones.isEmpty {
                    p(.class("quiet")) { words[StudentText.noMilestones] }
                } else {
                    timeline
                    zoneNote(viewer.timeZone, words)
                }
            })
    }

    /// What was done on milestones that nobody is to do any more.
    private var retired: HTML {
        section(.class("card")) {
            details(.class("fold")) {
                summary { words[StudentText.retired, n: record.retired.count] }
                ul(.class("rows")) {
                    for item in record.retired {
                        li(.class("row spread")) {
                            a(.href("/students/\(item.student.id)/milestones/\(item.milestoneID)")) {
                                bdi { item.title }
                            }
                            tag(Tag(text: words[item.status.text], tone: item.status.tone(isOverdue: false)))
                        }
                    }
                }
            }
        }
    }

    /// What waits for an answer and what the student does next; the others folded.
    @HTMLBuilder private var timeline: HTML {
        let toDo = record.milestones.filter { $0.status == .open || $0.status == .returned }
        let next = Set(toDo.prefix(3).map(\.milestoneID))
        let first = record.milestones.filter { $0.status == .submitted || next.contains($0.milestoneID) }
        let others = record.milestones.filter { $0.status != .submitted && !next.contains($0.milestoneID) }
        if first.isEmpty {
            p(.class("quiet")) { words[StudentText.allDone] }
        } else {
            ol(.class("timeline")) { for item in first { row(item) } }
        }
        if !others.isEmpty {
            let comesAgain =
                !visit.problems.isEmpty && others.contains { [sent, sentExtension].contains($0.milestoneID) }
            details(.class("fold"), .if(comesAgain, .open)) {
                summary { words[StudentText.others, n: others.count] }
                ol(.class("timeline")) { for item in others { row(item) } }
            }
        }
    }

    private func row(_ item: ProgressEntry) -> HTML {
        StudentMilestone(
            visit: visit, viewer: viewer, item: item,
            cohort: record.cohorts.first { $0.id == item.cohortID }?.name ?? "",
            files: background.files.filter { $0.milestoneID == item.milestoneID },
            submitted: background.submitted.filter { $0.key.milestone == item.milestoneID },
            acts: background.acting.contains(item.cohortID), extended: extensions.extensions[item.milestoneID],
            wasSent: item.milestoneID == sent, sentExtension: item.milestoneID == sentExtension
        ).html
    }

    private var history: HTML {
        card("history", words[StudentText.history]) {
            if background.steps.isEmpty, extensions.events.isEmpty {
                p(.class("quiet")) { words[StudentText.noEvents] }
            } else {
                History(viewer: viewer, words: words).html(
                    background.steps.map { ($0.title, $0.event) }, extensions.events, namesMilestones: true)
                if background.hasMore { p(.class("small")) { words[StudentText.moreSteps] } }
            }
        }
    }

    private var network: HTML {
        card("network", words[StudentText.network]) {
            if record.network.members.isEmpty {
                p(.class("quiet")) { words[StudentText.noNetwork] }
            } else {
                supportPeople(record.network, words)
                contacts
            }
        }
    }

    /// The field of the personal contact in a cohort.
    static func contactField(_ cohort: Int) -> String { "contact-\(cohort)" }

    /// A form for each cohort in which the viewer acts.
    @HTMLBuilder private var contacts: HTML {
        let cohorts = record.cohorts.filter { background.acting.contains($0.id) }
        if !cohorts.isEmpty {
            let problems = cohorts.map { visit.typed.problem(of: Self.contactField($0.id)) }
            details(.if(problems.contains { $0 != nil }, .open)) {
                summary { words[StudentText.nameContact] }
                p(.class("small")) { words[StudentText.nameContactText] }
                for (cohort, problem) in zip(cohorts, problems) {
                    visit.postForm(.class("confirm"), to: "/students/\(record.account.id)/contact") {
                        hiddenField("cohortId", String(cohort.id))
                        contact(in: cohort, problem: problem)
                    }
                }
            }
        }
    }

    @HTMLBuilder private func contact(in cohort: Dashboard.Cohort, problem: String?) -> HTML {
        let name = Self.contactField(cohort.id)
        let chosen = record.contacts[cohort.id]
        div(.class("field")) {
            label(.for(name)) { words[StudentText.contactIn, ["cohort": cohort.name]] }
            if let problem { fieldError(name, problem) }
            select(
                .id(name), .name("accountId"), .if(problem != nil, .invalid),
                .describedBy(problem.map { _ in "\(name)-error" })
            ) {
                option(.value("")) { words[StudentText.nobodyInParticular] }
                for person in record.network.people {
                    option(.value(String(person.id)), .if(person.id == chosen, .selected)) { person.name }
                }
            }
        }
        actions { submitButton(words[ShellText.save], of: cohort.name) }
    }

    private var why: HTML {
        card("why", words[StudentText.whyTitle]) {
            ul(.class("stack")) {
                for reason in background.why {
                    li {
                        words[
                            reason.isMember ? StudentText.why : .whyDirects,
                            ["group": reason.group, "cohort": reason.cohort]]
                    }
                }
                if background.why.isEmpty {
                    li { words[viewer.role == "admin" ? StudentText.whyAdmin : .whyRole] }
                }
            }
            p(.class("small")) { words[StudentText.audited] }
        }
    }

    private func reads(_ entries: [AuditEntry]) -> HTML {
        card("looks", words[StudentText.looks]) {
            ul(.class("rows")) {
                for entry in entries {
                    li(.class("row spread")) {
                        bdi { entry.actorName ?? words[StudentText.somebody] }
                        time(.class("small"), .dateTime(entry.at.machineText)) {
                            words.instant(entry.at, zone: viewer.timeZone)
                        }
                    }
                }
            }
            p {
                a(.href("/audit?subject=\("student/\(record.account.id)".percentEncoded)")) {
                    words[StudentText.allLooks]
                }
            }
        }
    }
}
