"""The console itself: application, screens, command line and settings; it decides nothing."""
