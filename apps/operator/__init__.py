"""The ecosystem operator's pages and workflows: parties, approvals, health, audit."""
