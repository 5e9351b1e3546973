"""The student's dashboard by FastAPI and asyncpg, over the database of `make bench` (i): the same answer to the same token.

Written to be fast: a prepared statement for each question on a connection of its own for the request, columns by position,
orjson, no models, uvloop and httptools. It has no row security: a superuser asks, and each statement says whose rows it wants.
"""

import base64
import hashlib
import os
from contextlib import asynccontextmanager

import asyncpg
import orjson
from fastapi import FastAPI, Request, Response

CALLER = """
select a.id, s.time_zone, (now() at time zone s.time_zone)::date,
       array(select e.cohort_id from enrollments e join cohorts c on c.id = e.cohort_id and c.archived_at is null
              where e.student_id = a.id and e.active)
  from sessions t join accounts a on a.id = t.account_id cross join settings s
 where t.token_hash = $1 and t.expires_at > now() and t.seen_at + s.session_idle_minutes * interval '1 minute' > now()
   and a.status = 'active' and a.role = 'student' and s.student_visibility and not s.suspended
"""
COHORTS = """
select c.id, c.name, k.name from cohorts c join cohort_categories k on k.id = c.category_id
 where c.id = any ($1) order by lower(c.name), c.id
"""
MILESTONES = """
select m.id, m.cohort_id, m.title, coalesce(m.due_on, (e.joined_at at time zone $3)::date + m.due_after_days) as due_on,
       m.description, coalesce(p.status, 'open'), m.completion, p.comment, coalesce(p.version, 0)
  from enrollments e join milestones m on m.cohort_id = e.cohort_id and m.saved
  left join progress p on p.milestone_id = m.id and p.student_id = e.student_id
 where e.active and e.student_id = $1 and e.cohort_id = any ($2) order by due_on nulls last, m.id
"""
FILES = """
select id, milestone_id, name, content_type, size from milestone_files
 where cohort_id = any ($1) and milestone_saved and complete order by milestone_id, lower(name), id
"""
NETWORK = """
select g.id, g.name, a.name, k.title, k.office, k.email, k.phone, k.location, k.biography, k.hours, k.booking_url
  from groups g join group_members m on m.group_id = g.id
  join accounts a on a.id = m.account_id and a.status = 'active'
  join cards k on k.account_id = a.id and k.published
 where g.archived_at is null and g.id = any (array(select group_id from cohort_groups where cohort_id = any ($1)))
 order by g.name, g.id, a.sort_name, a.id
"""
CARD = ("title", "office", "email", "phone", "location", "biography", "hours", "bookingURL")


@asynccontextmanager
async def lifespan(app):
    app.state.pool = await asyncpg.create_pool(
        os.environ["PEER_DATABASE"], min_size=4, max_size=int(os.environ.get("PEER_CONNECTIONS", "8")),
        server_settings={"search_path": os.environ["PEER_SCHEMA"], "jit": "off"},
        reset=lambda connection: nothing())
    yield
    await app.state.pool.close()


async def nothing():
    """Nothing was set on a connection, so nothing has to be reset: one round trip less for each request."""


app = FastAPI(lifespan=lifespan, openapi_url=None)


@app.get("/api/v1/dashboard")
async def dashboard(request: Request):
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        secret = base64.urlsafe_b64decode(token.split("_", 2)[2] + "=")
    except (IndexError, ValueError):
        return Response(status_code=401)
    async with app.state.pool.acquire() as connection:
        caller = await connection.fetchrow(CALLER, hashlib.sha256(secret).digest())
        if caller is None:
            return Response(status_code=401)
        account, zone, today, scope = caller
        cohorts = await connection.fetch(COHORTS, scope)
        milestones = await connection.fetch(MILESTONES, account, scope, zone)
        files = await connection.fetch(FILES, scope)
        network = await connection.fetch(NETWORK, scope)
    by_milestone = {}
    for id, milestone, name, content_type, size in files:
        entry = {"id": id, "name": name, "contentType": content_type, "size": size}
        by_milestone.setdefault(milestone, []).append(entry)
    items = []
    completed = total = 0
    for id, cohort, title, due, description, status, completion, comment, version in milestones:
        items.append({
            "id": id, "cohortId": cohort, "title": title, "dueOn": due, "description": description, "status": status,
            "overdue": due is not None and due < today and status in ("open", "returned"), "completion": completion,
            "comment": comment, "version": version, "files": by_milestone.get(id, []),
        })
        if status != "waived":
            total += 1
            completed += status == "completed"
    groups = []
    last = None
    for id, group, name, *card in network:
        if id != last:
            last = id
            groups.append({"group": group, "members": []})
        groups[-1]["members"].append({"name": name, "card": dict(zip(CARD, card), published=True)})
    answer = {
        "cohorts": [{"id": id, "name": name, "category": category} for id, name, category in cohorts],
        "milestones": items, "supportNetwork": groups, "progress": {"completed": completed, "total": total},
    }
    return Response(orjson.dumps(answer), media_type="application/json")
