/// A short word in a coloured frame. The word says it all; the colour repeats it.
struct Tag: Equatable {
    /// What the colour says.
    enum Tone: String {
        case plain, ok, info, warn, late
    }

    let text: String
    var tone = Tone.plain
}

func tag(_ tag: Tag) -> HTML {
    span(.class(tag.tone == .plain ? "tag" : "tag \(tag.tone.rawValue)")) { tag.text }
}

/// A quieter line below the one before.
func fact(_ text: String) -> HTML { span(.class("fact")) { text } }

/// For screen readers only: what the eye knows from the place.
func visuallyHidden(_ text: String) -> HTML { span(.class("visually-hidden")) { text } }

/// A small picture beside a text that says the same.
/// - Parameter address: of a symbol: `/assets/icons.svg#queue`.
func icon(_ address: String) -> HTML { svg(.class("icon"), .ariaHidden) { use(.href(address)) } }

/// How much is done, as a bar; what it means is said beside it, or by its own label.
func progressBar(percent: Int, _ label: String? = nil) -> HTML {
    svg(
        .class("bar"), .viewBox("0 0 100 1"), .stretched, .if(label != nil, .role("img")),
        label.map { .ariaLabel($0) } ?? .ariaHidden
    ) {
        rect(.width(String(percent)), .height("1"))
    }
}

/// A bar with its text behind it.
func meter(percent: Int, _ text: String) -> HTML {
    span(.class("meter")) {
        progressBar(percent: percent)
        text
    }
}

extension String {
    /// The name of a time zone as people read it: `America/New York`.
    var zoneName: String { replacing("_", with: " ") }
}

/// In which time zone the dates of a page are.
func zoneNote(_ zone: String, _ words: Catalogue) -> HTML {
    p(.class("small")) { words[ShellText.zone, ["zone": zone.zoneName]] }
}
