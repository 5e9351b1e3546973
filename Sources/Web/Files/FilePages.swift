import Tenancy

/// The files of milestones, by link from a page.
enum FilePages {
    static let routes: [PageRoute] = [
        .get("/files/{id}", .signedIn(.readers)) { try await FileAPI.send($0.call) }
    ]
}
