import Foundation
import Tenancy
import Web

/// What is read of background work when the metrics are asked for.
enum JobFigures {
    /// - Parameter work: what this process does itself; nil where it leaves that to others.
    static func add(of watch: JobWatch, _ work: BackgroundWork?, to metrics: PrometheusRegistry) {
        metrics.collect(
            .gauge, "waymark_jobs",
            "Background work of all institutions that waits, or failed when it was last tried: mails, rosters, sweeps; and files in the folder that this process watches."
        ) {
            let files = work?.folders?.waiting.files
            guard let now = watch.figures else { return sample(files, "folder", "waiting") }
            let mail = watch.sendsMail ? now : nil
            return sample(mail?.mailsWaiting, "mail", "waiting") + sample(mail?.mailsFailed, "mail", "failed")
                + sample(now.rostersWaiting, "roster", "waiting") + sample(now.rostersFailed, "roster", "failed")
                + sample(files, "folder", "waiting") + sample(now.foldersFailed, "folder", "failed")
                + sample(now.sweepsWaiting, "sweep", "waiting")
        }
        metrics.collect(
            .gauge, "waymark_jobs_oldest_seconds",
            "For how long the oldest of what waits has been due; 0 where none is."
        ) {
            let file = work?.folders?.waiting.seconds
            guard let now = watch.figures else { return sample(file, "folder") }
            return sample(watch.sendsMail ? now.mailSeconds : nil, "mail") + sample(now.rosterSeconds, "roster")
                + sample(file, "folder")
                + sample(now.sweepSeconds, "sweep")
        }
        guard let sweeper = work?.sweeper else { return }
        metrics.collect(
            .gauge, "waymark_sweep_last_run_seconds",
            "When a round of sweeping last ended well here, in seconds since 1970."
        ) { sweeper.lastRun.map { [.init($0.timeIntervalSince1970)] } ?? [] }
    }

    private static func sample(_ count: Int?, _ kind: String, _ state: String) -> [PrometheusRegistry.Sample] {
        count.map { [.init(Double($0), [("kind", kind), ("state", state)])] } ?? []
    }

    private static func sample(_ seconds: Double?, _ kind: String) -> [PrometheusRegistry.Sample] {
        seconds.map { [.init($0, [("kind", kind)])] } ?? []
    }
}
