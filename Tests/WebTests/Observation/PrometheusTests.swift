import Events
import Metrics
import Testing

@testable import Web

@Suite struct PrometheusTests {
    private let registry = PrometheusRegistry(
        descriptions: [
            .init(name: "served_total", help: "Things\nserved \\ by kind."),
            .init(name: "wait_seconds", help: "Waits.", buckets: [0.25, 1]),
        ], maximumSeries: 3)

    @Test func `counters, gauges and histograms in the text format`() {
        Counter(label: "served_total", dimensions: [("kind", "a")], factory: registry).increment(by: 2)
        Counter(label: "served_total", dimensions: [("kind", "a")], factory: registry).increment()
        Meter(label: "open", factory: registry).increment()
        Meter(label: "open", factory: registry).decrement()
        Meter(label: "open", factory: registry).set(1.5)
        Gauge(label: "level", factory: registry).record(7)
        let timer = Timer(label: "wait_seconds", dimensions: [("of", "x")], factory: registry)
        for milliseconds in [125, 250, 500, 2_000] { timer.recordMilliseconds(milliseconds) }
        registry.collect(.counter, "read_total", "Read when asked for.") {
            [.init(3, [("side", "left")]), .init(4, [("side", "right")])]
        }
        let expected = """
            # TYPE level gauge
            level 7
            # TYPE open gauge
            open 1.5
            # HELP read_total Read when asked for.
            # TYPE read_total counter
            read_total{side="left"} 3
            read_total{side="right"} 4
            # HELP served_total Things\\nserved \\\\ by kind.
            # TYPE served_total counter
            served_total{kind="a"} 3
            # HELP wait_seconds Waits.
            # TYPE wait_seconds histogram
            wait_seconds_bucket{of="x",le="0.25"} 2
            wait_seconds_bucket{of="x",le="1"} 3
            wait_seconds_bucket{of="x",le="+Inf"} 4
            wait_seconds_sum{of="x"} 2.875
            wait_seconds_count{of="x"} 4

            """
        #expect(registry.text() == expected)
    }

    @Test func `what came from outside cannot break a line`() {
        Counter(label: "9 lives.total", dimensions: [("a-b", "x\"} 1\ny\\")], factory: registry).increment()
        #expect(
            registry.text() == """
                # TYPE _9_lives_total counter
                _9_lives_total{a_b="x\\"} 1\\ny\\\\"} 1

                """)
    }

    @Test func `series beyond the limit are counted together`() {
        for number in 0..<100 {
            Counter(label: "served_total", dimensions: [("kind", "\(number)")], factory: registry).increment()
        }
        let lines = registry.text().split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 4)
        #expect(lines.contains(#"served_total{kind="other"} 97"#))
    }

    @Test func `a name keeps its kind, and no value is too odd`() {
        Counter(label: "served_total", factory: registry).increment()
        Meter(label: "served_total", factory: registry).set(5)
        let recorder = Recorder(label: "wait_seconds", factory: registry)
        for value in [Double.nan, .infinity, -.infinity] { recorder.record(value) }
        Meter(label: "odd", factory: registry).set(Double.nan)
        registry.collect(.gauge, "ends", "Infinite.") { [.init(-.infinity), .init(1e300)] }
        let text = registry.text()
        #expect(text.contains("\nserved_total 1\n"))
        #expect(text.contains("\nwait_seconds_count 0\n"))
        #expect(text.contains("\nodd NaN\n"))
        #expect(text.contains("\nends -Inf\n") && text.contains("\nends 1e+300\n"))
    }

    @Test func `a destroyed series is gone`() {
        let counter = Counter(label: "served_total", factory: registry)
        counter.increment()
        counter.destroy()
        #expect(!registry.text().contains("served_total 1"))
    }

    @Test func `many threads lose nothing`() async {
        await withDiscardingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask { [registry] in
                    for _ in 0..<1_000 {
                        Counter(label: "served_total", factory: registry).increment()
                        Timer(label: "wait_seconds", factory: registry).recordMilliseconds(1)
                    }
                }
            }
        }
        let text = registry.text()
        #expect(text.contains("\nserved_total 8000\n"))
        #expect(text.contains("\nwait_seconds_count 8000\n"))
    }
}
