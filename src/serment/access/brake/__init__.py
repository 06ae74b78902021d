"""The read brake: how many patients' dossiers, names and bytes one account may reach in a while, whatever the face."""
