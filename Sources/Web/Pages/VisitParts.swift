import Casework
import Foundation
import Hummingbird

extension Visit {
    /// What the fields of a form that comes again hold.
    var typed: Typed { Typed(values: form.fields, problems: problems) }

    /// A field of a form: what was typed before what is stored, and the problem it had.
    func field(_ input: Input) -> HTML { Web.field(input, typed, words) }

    /// A form that changes something.
    /// - Parameters:
    ///   - attributes: `.class("form")` where it has fields; `.data("keep")` where what was typed outlives a closed tab.
    ///   - version: of what it changes or deletes, as the page shows it; see `seenVersion`.
    func postForm(
        _ attributes: Attribute..., to action: String, version: Version? = nil, @HTMLBuilder content: Content
    ) -> HTML {
        Web.postForm(attributes, to: action, csrf: csrf) {
            if let version, let carried = carried(version, to: action) {
                hiddenField("version", String(carried.number))
            }
            content()
        }
    }

    /// Whether the form that was sent to that address comes again.
    private func comesAgain(at action: String) -> Bool {
        call.request.method == .post && call.request.uri.path == action && !problems.isEmpty
    }

    /// The version that a form carries: the one stored. A form that comes again for another reason keeps the one it was
    /// typed into, so that a change by somebody else is told all the same as soon as that is mended.
    private func carried(_ stored: Version, to action: String) -> Version? {
        comesAgain(at: action) && !problems.isOutdated ? seen : stored
    }

    /// A change that cannot be undone: asked for twice.
    /// - Parameters:
    ///   - subject: what it is about, for who cannot see where it stands.
    ///   - text: what it brings about.
    ///   - version: of what it removes, where that can change meanwhile.
    ///   - fields: hidden ones.
    func removal(
        _ title: String, of subject: String? = nil, _ text: String, at action: String, version: Version? = nil,
        @HTMLBuilder fields: Content = { HTML() }
    ) -> HTML {
        confirmation(title, of: subject, text, at: action) {
            postForm(to: action, version: version) {
                fields()
                submitButton(title, .danger)
            }
        }
    }

    /// A change that is asked for twice. It is asked once more, and stands open, where it was sent and what it is about
    /// had changed.
    func confirmation(
        _ title: String, of subject: String? = nil, _ text: String, at action: String, @HTMLBuilder form: Content
    ) -> HTML {
        Web.confirmation(
            title, of: subject, text, isOpen: comesAgain(at: action) && problems.isOutdated && self.form.fields.isEmpty,
            form: form)
    }

    /// Archives something, or brings it back; asked for twice.
    /// - Parameters:
    ///   - isArchived: whether it is now.
    ///   - action: where its details are changed.
    func archiving(
        _ title: String, _ text: String, isArchived: Bool, at action: String, version: Version
    ) -> HTML {
        confirmation(title, text, at: action) {
            archivingForm(title, isArchived: isArchived, at: action, version: version)
        }
    }

    /// The same at once.
    func archivingForm(_ title: String, isArchived: Bool, at action: String, version: Version) -> HTML {
        postForm(to: action, version: version) {
            hiddenField("archived", isArchived ? "false" : "true")
            submitButton(title)
        }
    }

    /// The way on through a list.
    func pager(_ next: Cursor?) -> HTML { Web.pager(pageLinks(next), words) }

    /// The same visit without what was typed: for a page with several forms, of which another was sent.
    var untyped: Visit {
        var copy = self
        copy.form = .empty
        return copy
    }

    /// Whether a form that comes again holds text in that field.
    func isTyped(_ name: String) -> Bool { !(form[name] ?? "").trimmingSpaces.isEmpty }
}

extension Date {
    /// `2026-12-01T09:30:00Z`, for `<time datetime>`.
    var machineText: String { formatted(.iso8601) }
}

extension Visit {
    /// Where a list goes on, and begins: this address with another cursor.
    func pageLinks(_ next: Cursor?) -> PageLinks {
        let path = call.request.uri.path
        let ours = Notice.others(than: call.request.uri.query)
        let rest = ours.filter { !$0.hasPrefix("cursor=") }.map(String.init)
        var links = PageLinks()
        if let next { links.next = "\(path)?\((rest + ["cursor=\(next)"]).joined(separator: "&"))" }
        if rest.count < ours.count {
            links.first = rest.isEmpty ? path : "\(path)?\(rest.joined(separator: "&"))"
        }
        return links
    }
}
