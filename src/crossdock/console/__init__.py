"""The web console: pages, templates and static files; what they show comes in through `views.Data`."""
