import Casework
import Tenancy

/// What is read when the metrics are asked for: another figure is another line.
enum SiteFigures {
    static func add(of site: Site, to metrics: PrometheusRegistry) {
        addPools(of: site, to: metrics)
        addPasswords(of: site, to: metrics)
        metrics.collect(.gauge, "waymark_institutions", "Active institutions, by the state of their schemas.") {
            [readiness = site.readiness] in
            guard let schemas = readiness.schemas else { return [] }
            return [
                .init(Double(schemas.current), [("schema", "current")]),
                .init(Double(schemas.outdated), [("schema", "outdated")]),
            ]
        }
    }

    private static func addPools(of site: Site, to metrics: PrometheusRegistry) {
        let deployment = site.deployment
        metrics.collect(
            .gauge, "waymark_pool_connections",
            "Database connections, by partition and state; `waiting` counts requests."
        ) {
            deployment.load.map { .init(Double($0.count), [("partition", "\($0.partition)"), ("state", $0.state)]) }
        }
        metrics.collect(
            .counter, "waymark_statements_total",
            "Statements sent, by partition and whether the connection had them prepared."
        ) {
            deployment.poolFigures.flatMap { pool in
                [("yes", pool.preparedBefore), ("no", pool.preparedAnew)].map {
                    .init(Double($1), [("partition", "\(pool.partition)"), ("prepared", $0)])
                }
            }
        }
        metrics.collect(.gauge, "waymark_prepared_statements", "Statements prepared on all connections.") {
            deployment.poolFigures.map { .init(Double($0.prepared), [("partition", "\($0.partition)")]) }
        }
        metrics.collect(
            .counter, "waymark_pool_refusals_total", "Requests that got no database connection, by reason."
        ) {
            deployment.poolFigures.flatMap { pool in
                pool.refusals.map { .init(Double($1), [("partition", "\(pool.partition)"), ("reason", $0)]) }
            }
        }
        metrics.collect(
            .gauge, "waymark_database_loop_lag_seconds",
            "The longest turn of the thread that speaks to the database, of the last 10 to 20 seconds."
        ) {
            deployment.poolFigures.prefix(1).map { .init($0.loopLag) }
        }
    }

    private static func addPasswords(of site: Site, to metrics: PrometheusRegistry) {
        let passwords = site.passwords
        metrics.collect(.gauge, "waymark_passwords", "Passwords being checked or set, by state.") {
            let now = passwords.snapshot
            return [("waiting", now.queued), ("running", now.running)].map { .init(Double($1), [("state", $0)]) }
        }
        metrics.collect(.counter, "waymark_passwords_total", "Passwords checked or set since the start.") {
            [.init(Double(passwords.snapshot.done))]
        }
        metrics.collect(.counter, "waymark_password_seconds_total", "Processor time of passwords since the start.") {
            [.init(passwords.snapshot.seconds)]
        }
        metrics.collect(.gauge, "waymark_password_memory_bytes", "Memory kept for checking passwords.") {
            [.init(Double(HashingMemory.size))]
        }
        metrics.collect(.counter, "waymark_password_refusals_total", "Passwords not checked, by reason.") {
            passwords.snapshot.refused.map { .init(Double($1), [("reason", $0)]) }
        }
    }
}
