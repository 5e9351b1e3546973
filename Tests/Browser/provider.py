"""An identity provider, as SCIM and the sign-in page know it."""


def provide(demo, put, texts, group):
    """What an identity provider sends, hostile too: a user without an account, and a group with a rule."""
    token = put("POST", "/tokens", name=texts(), expiresAt="2027-01-01T00:00:00Z", scopes=["scim"])["token"]
    name = texts()
    for place, body in (("Users", {"userName": name, "displayName": name}), ("Groups", {"displayName": name})):
        status, made = demo.call("POST", f"/scim/v2/{place}", body, token, base="")
        assert status == 201, made
    put("PUT", f"/scim/groups/{made['id'].lstrip('g')}/rule", role="staff", groupId=group)
    put(
        "PUT", "/settings/identity-provider", enabled=True, issuer="https://provider.example", clientId=texts(),
        label=texts(100), emailClaim=texts(), numberClaim=texts())
    put(
        "PUT", "/settings/roster-source", baseUrl="https://roster.example/ims/oneroster/v1p1",
        tokenUrl="https://roster.example/token", clientId=texts(), scope=texts())
    forget(put)


def forget(put):
    """A student who is erased again, named and asked for by a hostile text."""
    name = "<img src=x onerror=window.ran=1>"
    gone = put("POST", "/accounts", email="gone@attack.example", givenName=name, role="student", status="archived")["id"]
    put("POST", f"/students/{gone}/erasure", confirmation=name)
