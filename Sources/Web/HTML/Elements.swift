// Elements as functions: attributes in parentheses, content in braces, both may be left out where that makes sense.
//
// Each is the same one line: the compiler has no overloads to try, and a page reads as the HTML it becomes.

func a(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "a", attributes, content())
}
func b(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "b", attributes, content())
}
func bdi(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "bdi", attributes, content())
}
func button(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "button", attributes, content())
}
func code(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "code", attributes, content())
}
func details(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "details", attributes, content())
}
func desc(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "desc", attributes, content())
}
func dialog(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "dialog", attributes, content())
}
func div(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "div", attributes, content())
}
func fieldset(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "fieldset", attributes, content())
}
func figcaption(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "figcaption", attributes, content())
}
func figure(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "figure", attributes, content())
}
func form(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "form", attributes, content())
}
func h1(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "h1", attributes, content())
}
func h2(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "h2", attributes, content())
}
func h3(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "h3", attributes, content())
}
func header(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "header", attributes, content())
}
func kbd(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "kbd", attributes, content())
}
func label(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "label", attributes, content())
}
func legend(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "legend", attributes, content())
}
func li(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "li", attributes, content())
}
func main(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "main", attributes, content())
}
func nav(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "nav", attributes, content())
}
func ol(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "ol", attributes, content())
}
func option(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "option", attributes, content())
}
func p(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "p", attributes, content())
}
func pre(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "pre", attributes, content())
}
func section(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "section", attributes, content())
}
func select(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "select", attributes, content())
}
func small(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "small", attributes, content())
}
func span(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "span", attributes, content())
}
func summary(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "summary", attributes, content())
}
func time(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "time", attributes, content())
}
func title(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "title", attributes, content())
}
func ul(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "ul", attributes, content())
}
func head(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "head", attributes, content())
}
func body(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "body", attributes, content())
}
func html(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "html", attributes, content())
}
func progress(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "progress", attributes, content())
}
func svg(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "svg", attributes, content())
}
func svgText(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "text", attributes, content())
}
func tspan(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "tspan", attributes, content())
}
func script(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "script", attributes, content())
}

// Of tables. They say their roles, because some browsers forget them where the stylesheet makes cards of the rows.

func table(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "table", attributes + [.role("table")], content())
}
func thead(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "thead", attributes + [.role("rowgroup")], content())
}
func tbody(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "tbody", attributes + [.role("rowgroup")], content())
}
func tr(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "tr", attributes + [.role("row")], content())
}
/// The head of a column, unless its scope says `row` or `rowgroup`.
func th(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    let isOfRows = attributes.contains(where: \.isScopeOfRows)
    return HTML(element: "th", attributes + [.role(isOfRows ? "rowheader" : "columnheader")], content())
}
func td(_ attributes: Attribute..., @HTMLBuilder content: Content = { HTML() }) -> HTML {
    HTML(element: "td", attributes + [.role("cell")], content())
}

// Without content and end tag.
func input(_ attributes: Attribute...) -> HTML { HTML(void: "input", attributes) }
func link(_ attributes: Attribute...) -> HTML { HTML(void: "link", attributes) }
func meta(_ attributes: Attribute...) -> HTML { HTML(void: "meta", attributes) }

// Of drawings, without content.
/// A symbol of another file: `icons.svg#queue`.
func use(_ attributes: Attribute...) -> HTML { HTML(element: "use", attributes, HTML()) }
func rect(_ attributes: Attribute...) -> HTML { HTML(element: "rect", attributes, HTML()) }
func path(_ attributes: Attribute...) -> HTML { HTML(element: "path", attributes, HTML()) }
func line(_ attributes: Attribute...) -> HTML { HTML(element: "line", attributes, HTML()) }
func circle(_ attributes: Attribute...) -> HTML { HTML(element: "circle", attributes, HTML()) }

/// A field of several lines. A browser drops one line break after the tag; without ours, the text would lose its own.
func textarea(_ attributes: Attribute..., text: String) -> HTML {
    HTML(element: "textarea", attributes, HTML("\n" + text))
}
